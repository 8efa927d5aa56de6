# Offers and webmasters.
place-offers = Offers
place-webmasters = Webmasters
state-on = on
state-off = off
state-archived = archived
saved = Saved.
form-number = must be a number
form-line = line { $line } cannot be read: it must be name = value
set-up-search-hint = Name, short name or number
set-up-name-help = For people. The short name when left empty.
set-up-slug-help = For programs: a-z, 0-9, - _ and dots. It stays with the object for ever.
set-up-number = number { $number }
set-up-history = History
set-up-archive = Archive
column-name = Name
column-slug = Short name
column-countries = Countries
column-revenue = Revenue
column-goals = Goals
column-routes = Routes
column-changed = Changed
column-created = Created
column-tokens = Tokens
column-flows = Flows
column-postbacks = Postbacks
column-last-call = Last call

none-offers = There is no offer yet
none-advice-offers = An offer is what webmasters promote. Leads name it, and its routes say which network takes them.
offers-new = New offer
offers-all-countries = all
offer-create = Create the offer
offer-made = { $name } is there. Add a route next: it says which network takes its leads.
offer-archived = { $name } is archived.
offer-archive-sure = Archive { $name }? It takes no more leads; those that came stay.
offer-payout-help = To the webmaster, for an approved lead.
offer-revenue-help = From the network, when its report names no amount.
offer-currency = Currency
offer-currency-help = Three letters, such as USD.
offer-countries-help = Codes such as DE, AT. All countries when left empty.
offer-enabled = Takes leads
offer-more = Required fields, duplicates, goals, parameters
offer-required = Required fields
offer-required-help = With commas, such as phone, name, meta.age.
offer-duplicates = A lead is a duplicate when it has the same
offer-duplicates-phone = phone
offer-duplicates-email = e-mail
offer-duplicates-any = phone or e-mail
offer-duplicates-all = phone and e-mail
offer-duplicates-help = Duplicates are refused when they come. No rule when left empty.
offer-duplicates-days = … within this many days
offer-duplicates-scope = … for
offer-scope-offer = the offer, whoever sent it
offer-scope-webmaster = the offer and the same webmaster
offer-goals-help = One a line: short name | payout | revenue | currency | name. What is left empty is the offer’s.
offer-params = Parameters for integrations
offer-params-help = One a line: key = value. A key such as duomai-de is for country DE.

none-webmasters = There is no webmaster yet
none-advice-webmasters = Webmasters post leads with a token and are told about them by postback.
webmasters-new = New webmaster
webmaster-create = Create the webmaster
webmaster-made = { $name } is there. Give him a token next.
webmaster-archived = { $name } is archived and his tokens are revoked.
webmaster-archive-sure = Archive { $name }? His tokens stop working; his leads stay.
webmaster-enabled = May post leads
webmaster-postbacks-none = He is told nothing yet: add an address that is called when a lead changes.

tokens-none = No token yet: without one he cannot post leads.
token-new = New token
token-name = What it is for
token-issued = The new token
token-issued-note = Copy it now: it is shown this once.
token-altercpa = For scripts written for AlterCPA:
token-last-used = last used { $time }
token-never-used = never used
token-revoke = Revoke
token-revoke-sure = Revoke the token lr_{ $prefix }…? Whatever uses it stops working at once.
token-revoked = The token is revoked.

flow-new = New flow
flow-code = Code
flow-code-help = Leads name it in the field flow. One is made when left empty.
flow-create = Create the flow
flow-made = The flow { $code } is there.
flow-archived = The flow is archived.
flow-archive-sure = Archive the flow { $code }?
flows-none = No flow: leads of this webmaster name offers only.

postback-new = New postback
postback-create = Create the postback
postback-made = The postback is there. It is called at the next change of a lead.
postback-archived = The postback is archived.
postback-archive-sure = Archive this postback? Nothing more is sent to it.
postback-url = URL
postback-url-help = With macros such as {"{status}"}, {"{click_id}"}, {"{payout}"}.
postback-more = Statuses, kind, method, signature
postback-statuses = Statuses
postback-statuses-help = With commas, such as hold, approved. All but new when left empty.
postback-statuses-all = all statuses
postback-kind = Kind
postback-kind-main = main
postback-kind-additional = additional
postback-kind-help = One main postback for each flow or webmaster; it is not repeated while it would say the same.
postback-flow = Only this flow
postback-body = Body
postback-body-help = With POST: the word form, or a JSON template.
postback-signed = Sign the calls (Standard Webhooks)
postback-is-signed = signed
postback-secret = The signing secret
postback-health = { $failed ->
    [0] { $delivered } delivered in a day
   *[other] { $delivered } delivered, { $failed } failed in a day
}

quality-title = Last 30 days
quality-report = Report
quality-trash-rate = Trash %
