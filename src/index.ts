// The package root: the core and the interface to carriers, all without openpgp.js (spec/01, "Public names").
export type { Carrier, CarrierCaps, Contact, Delivery, DeliveryHandler, Epoch, PeerId } from "./carrier/carrier.ts";
export { carrierGuarantees, type Guarantee, type Guarantees } from "./carrier/guarantees.ts";
export * from "./otr.ts";
