import type { CrmFact, CrmVendor } from "../data/crm";

export interface TokenPart {
  name: string;
  label: string;
  hint?: string;
  /** Whether it is hidden as it is typed. */
  secret?: boolean;
  placeholder?: string;
  initial?: string;
}

interface VendorWords {
  label: string;
  /** Where a person finds what is asked for. */
  advice: string;
  parts: TokenPart[];
}

export const VENDORS: Record<CrmVendor, VendorWords> = {
  hubspot: {
    label: "HubSpot",
    advice:
      "In HubSpot: Settings, Integrations, Private Apps, Create. Give it the scopes crm.objects.companies.read and .write; if contacts are to go there too, also crm.objects.contacts.read and .write.",
    parts: [{ name: "access_token", label: "Access token", secret: true, placeholder: "pat-eu1-…" }],
  },
  pipedrive: {
    label: "Pipedrive",
    advice:
      "In Pipedrive: your name, Personal preferences, API. Organizations get a field “Leadsment domain”, by which they are found again.",
    parts: [{ name: "api_token", label: "API token", secret: true }],
  },
  salesforce: {
    label: "Salesforce",
    advice:
      "In Salesforce: an external client app with the client credentials flow, a user to run as, and the scope api. And on Account a text field that is an External ID and unique.",
    parts: [
      { name: "my_domain", label: "My Domain", hint: "What stands before .my.salesforce.com", placeholder: "acme" },
      { name: "external_id_field", label: "Field for the domain", hint: "Its API name", initial: "Leadsment_Domain__c" },
      { name: "consumer_key", label: "Consumer key" },
      { name: "consumer_secret", label: "Consumer secret", secret: true },
    ],
  },
};

export const FACTS: Record<CrmFact, string> = {
  name: "Name",
  domain: "Domain",
  industry: "Industry",
  country: "Country code",
  employee_range: "Employees (range)",
  kind: "Kind",
  first_seen_on: "First visit (date)",
  last_seen_on: "Latest visit (date)",
  page: "Link to Leadsment",
};
