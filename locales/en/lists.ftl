# What all lists share.
list-filter = Filter
list-all-filters = Show all filters
list-any = Any
list-show = Show
list-clear = Clear all
list-filters-set = Filters in use
list-remove-filter = remove this filter
list-columns = View
list-columns-shown = Columns
list-order = Order
list-apply = Apply
list-acts = Actions
list-pages = Pages
list-first = First page
list-news = New:
list-next = Next page
list-zone = Times: { $zone }
list-caption = { $title }; times: { $zone }
list-wrong = The filter cannot be used. { $errors }.
list-wrong-title = The filter cannot be used
list-wrong-advice = Correct it above, or clear it.
list-none = Nothing fits
list-none-advice = Remove a filter, or clear all of them.
sort-newest = Newest first
sort-oldest = Oldest first

views = Views
view-all = All
view-shared = shared
view-keep = Save
view-keep-this = Save this view
view-name = Name of the view
view-share = For everybody
view-forget = Forget the view { $name }
view-kept = The view { $name } is saved.
view-forgotten = The view is forgotten.
view-name-wrong = Give the view a name of at most { $most } letters.

field-search = Search
field-status = Status
field-delivery = Delivery
field-offer = Offer
field-network = Network
field-webmaster = Webmaster
field-country = Country
field-from = From
field-to = To
field-state = State
field-purpose = Purpose
field-their-id = Network’s id
field-lead = Lead
field-result = Result
field-told = Status told
field-postback = Postback
field-postback-state = Postback
field-seen-from = Seen from
field-seen-to = Seen to

column-number = Number
column-id = Id
column-time = Time
column-offer = Offer
column-contact = Contact
column-country = Country
column-status = Status
column-delivery = Delivery
column-network = Network
column-payout = Payout
column-webmaster = Webmaster
column-age = Age
column-lead = Lead
column-state = State
column-reason = Reason
column-next = Next try
column-attempts = Attempts
column-their-id = Network’s id
column-lead-status = Lead’s status
column-purpose = Purpose
column-result = Result
column-named = Named as
column-judged = Judged
column-method = Method
column-address = Address
column-told = Status told
column-answer = Answer
column-change = Change
column-word = Status word
column-means = Means
column-leads = Leads
column-money = Money
column-examples = Examples
column-first-seen = First seen
column-last-seen = Last seen

about-lead = lead { $number }
about-call = call of { $network }

leads-search-hint = Phone, e-mail, click id, external id, number
none-leads = No lead has come yet
none-advice-leads = The overview has the six steps to the first one.

none-deliveries = Nothing has been sent yet
none-advice-deliveries = Deliveries appear here as soon as a route takes a lead.
delivery-retried = The delivery is tried again.
delivery-decided = Decided. The lead goes on accordingly.
act-retry = Retry
act-decide = Decide
act-decide-what = What did you find?
act-decide-none = Choose what you found out at the network.
finding-accepted = The network has it
finding-refused = It was refused
finding-not_there = Not there: send again
failures-title = What fails now
failures-count = { $count ->
    [one] once at { $since }; { $last } ago
   *[other] { $count } times since { $since }; last { $last } ago
}
failures-waiting = { $count ->
    [one] { $count } delivery waits for a retry
   *[other] { $count } deliveries wait for a retry
}

none-inbound = No network has called yet
none-advice-inbound = Give a network its postback URL: it stands on the network’s page.
inbound-call = The call
inbound-reprocessed = Judged again: { $result }.
act-reprocess = Judge again

none-postbacks = No webmaster has been told anything yet
none-advice-postbacks = Postbacks appear here when a lead changes its status and a webmaster has a URL for it.
postback-call = The call
postback-resent = The postback is sent again, with the same id.
act-resend = Send again

none-unmapped = Every status has a meaning
none-advice-unmapped = When a network uses a word nobody knows, it waits here until somebody maps it.
unmapped-open = not mapped
unmapped-example = Lead { $no }
unmapped-done = { $reports ->
    [0] It means { $status } from now on. No report was waiting ({ $applied } applied).
    [one] It means { $status }: { $reports } report was waiting, { $applied } changed something.
   *[other] It means { $status }: { $reports } reports were waiting, { $applied } changed something.
}
act-map = Map
act-map-to = It means
act-map-none = Choose what the word means.

replay-all = Do all of these again
replay-title-deliveries = Send deliveries again
replay-title-postbacks = Send postbacks again
replay-title-inbound = Judge calls again
replay-note-deliveries = At low priority and at each network’s own pace, so that fresh leads go first. For those in review you vouch that the network does not have the lead.
replay-note-postbacks = With their old ids, at low priority and at each address’s own pace.
replay-note-inbound = Now, by today’s mappings. What was applied before is not applied twice.
replay-none = The filter finds nothing that can be done again.
replay-count = { $count ->
    [one] { $count } row is done again.
   *[other] { $count } rows are done again.
}
replay-do = Do it
replay-done = { $count ->
    [one] { $count } row is being done again.
   *[other] { $count } rows are being done again.
}
