# The page of one lead.
lead-title = Lead { $number }
lead-age = { $age } old
lead-age-now = just now
lead-some-network = a network
lead-contact = Contact
lead-reveal = Reveal
lead-hide = Hide
lead-reveal-note = Revealing is noted on the timeline and in the audit log.
lead-no-reveal = your role does not include contact data
lead-erased = This person’s data has been erased.
lead-no-contact = The lead came without contact data.
lead-business = Lead
lead-marks = Ids and marks
lead-timeline = Timeline
lead-timeline-none = Nothing is recorded. Old timelines are dropped after the time set for it.

# What it belongs to and what it is worth.
lead-webmaster = Webmaster
lead-offer = Offer
lead-flow = Flow
lead-country = Country
lead-goal = Goal
lead-price = Price
lead-quantity = Quantity
lead-payout-due = Promised payout
lead-payout = Payout
lead-revenue = Revenue
lead-network-comment = Network’s comment
lead-id = Id
lead-external-id = External id
lead-click-id = Click id

# What can be done about it.
lead-actions = Actions
lead-redeliver-to = Send to a network again
lead-redeliver-last = The one tried last
lead-redeliver = Redeliver
lead-redeliver-help = Refused while a network has the lead: it would be sold twice.
lead-resend = Resend postbacks
lead-resend-help = Tells the webmaster the last status again, with the same ids.
lead-status-change = Change the status by hand
lead-status = Status
lead-status-choose = Choose
lead-reason = Reason
lead-reason-help = The webmaster sees it.
lead-comment = Comment
lead-status-do = Change status

# What came of it.
lead-network-gone = There is no such network any more. Choose another.
lead-redelivered = The lead goes to { $network } again.
lead-redelivered-last = The lead goes to the network again.
lead-not-redelivered = Not sent again: { $why }
lead-resent = { $count ->
    [one] { $count } postback is sent again.
   *[other] { $count } postbacks are sent again.
}
lead-resent-none = There is no postback to send again: no rule has told anybody of this lead.
lead-not-resent = Not sent: { $why }
lead-status-none = Choose the status the lead is to have.
lead-status-set = The lead is { $status } now.
lead-status-same = The lead was { $status } already.
lead-status-not-set = The status was not changed: { $why }

# Who it is about.
contact-name = Name
contact-first-name = First name
contact-last-name = Last name
contact-phone = Phone
contact-email = E-mail
contact-ip = IP
contact-address = Address
contact-zip = ZIP
contact-city = City
contact-region = Region
contact-comment = Comment
contact-user-agent = User agent
contact-referer = Referer
contact-landing = Landing page

# The sentence on top: where the lead is, what is said of it, whether the webmaster knows. A reason comes in brackets
# with a space before it, or empty.
story-delivered = Delivered to { $network }
story-received = Received and not handed to a network yet
story-no-route = No route takes it
story-no-route-yet = No route takes it; it goes out as soon as one does
story-waits = Waits to be sent to { $network }
story-waits-until = Waits for { $network } until { $time }{ $reason }
story-sending = Is being sent to { $network }
story-failed = Sending to { $network } failed{ $reason }
story-again = { $what } and is tried again
story-again-at = { $what } and is tried again at { $time }
story-unknown = Nobody knows whether { $network } has it{ $reason }
story-must-decide = { $what }: a person must decide
story-given-up = Given up on { $network }{ $reason }
story-taken-back = The delivery to { $network } was taken back{ $reason }
story-refused = Refused by { $network }{ $reason }
story-refused-duplicate = Refused by { $network } as a duplicate
story-refused-many = Refused by { $networks }
story-no-other-route = no other route takes it
story-after = { $what } after { $network } refused it{ $reason }
story-after-duplicate = { $what } after { $network } refused it as a duplicate
story-after-many = { $what } after { $networks } refused it
story-and = { $first } and { $last }
story-undecided = { $network } has not decided yet
story-says = { $network } says { $status }{ $reason }
story-says-since = { $network } says { $status } since { $time }{ $reason }
story-by-hand = set to { $status } by hand{ $reason }
story-by-hand-since = set to { $status } by hand since { $time }{ $reason }
story-counts = it counts as { $status }
story-counts-since = it counts as { $status } since { $time }
story-told = the webmaster was told at { $time }
story-told-never = the webmaster could not be told
story-told-before = the webmaster knows already
story-told-not = the webmaster was not told
story-told-again = telling the webmaster failed and is tried again
story-told-soon = the webmaster is being told
story-no-rule = no postback rule tells the webmaster
story-time-on = { $time } on { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}

# What happened, line by line.
timeline-received = Received, goes to { $network }
timeline-received-no-route = Received, no route takes it now
timeline-routed = Routed, goes to { $network }
timeline-routed-no-route = Routed, no route takes it now
timeline-redelivered = Sent to { $network } again by hand
timeline-retried = Delivery to { $network } retried by hand
timeline-resent = { $count ->
    [one] { $count } postback sent again
   *[other] { $count } postbacks sent again
}
timeline-resent-none = There was no postback to send again.
timeline-status-by-hand = Status set by hand
timeline-changed = Lead changed
timeline-changed-fields = Changed: { $fields }.
timeline-revealed = Contact data shown
timeline-reported = Reported: { $said }
timeline-answered = { $network }’s answer means { $said }
timeline-says = { $network } says { $said }
timeline-said = “{ $word }”
timeline-said-means = “{ $word }”, which is { $status }
timeline-said-nothing = something without a status
timeline-status = Status: { $to }
timeline-status-moved = Status: { $from } → { $to }
timeline-status-reversed = Status reversed: { $from } → { $to }
timeline-status-reopened = Status reopened: { $from } → { $to }
timeline-sent = Sent to { $network }
timeline-asked = Asked { $network } whether it has the lead
timeline-call = Call to the webmaster
timeline-attempt = { $what }, attempt { $no }
timeline-late = The answer came after the delivery had been taken over.
timeline-called = { $network } called our postback
timeline-to-tell = Webmaster is to hear: { $status }
timeline-told = Webmaster told: { $status }
timeline-network-told-status = { $network } was told that the lead is { $status }
timeline-network-told-change = { $network } was told what has changed
timeline-network-later-status = { $network } could not be told that the lead is { $status } yet
timeline-network-later-change = { $network } could not be told what has changed yet
timeline-network-untold-status = { $network } was not told that the lead is { $status }
timeline-network-untold-change = { $network } was not told what has changed

# Short facts below a line.
timeline-revenue = Revenue { $amount }
timeline-payout = Payout { $amount }
timeline-goal = Goal { $value }
timeline-transaction = Transaction { $value }
timeline-postbacks = { $count ->
    [one] { $count } postback queued
   *[other] { $count } postbacks queued
}
timeline-no-rule = no postback rule
timeline-told-at = told at { $time }
timeline-next-try = next try at { $time }
timeline-error-blocked = address blocked
timeline-error-dns = name not found
timeline-error-connect = no connection
timeline-error-tls = no secure connection
timeline-error-timeout = timeout
timeline-error-reset = connection broken
timeline-error-protocol = not HTTP

# What a line unfolds.
timeline-request = Request
timeline-answer = Answer
timeline-query = Query
timeline-body = Body
timeline-url = URL
timeline-bodies = { $first } and { $next }
timeline-body-at = { $heading } at { $time }
timeline-trace = Why each route was taken or passed over
timeline-position = Position
timeline-network = Network
timeline-decision = Decision

# Erasing the person.
lead-erase = Erase the person’s data …
timeline-erased = The person’s data was erased
timeline-curl = As a curl call
erase-title = Erase the data of lead { $number }
erase-before = It was erased before, and what has come since goes now. First erased:
erase-goes = What goes for good
erase-goes-contact = Name, phone, e-mail, address, IP, browser, comment and the webmaster’s own fields.
erase-goes-exchanges = Requests and answers of all its attempts.
erase-goes-calls = What networks sent about it, and the bodies of calls to the webmaster.
erase-stays = What stays
erase-stays-note = That there was a lead, its ids and marks, its statuses, its money and its timeline. It is not sent to a network any more.
erase-elsewhere = Networks and webmasters have copies of their own: ask them. Backups keep theirs until they are overwritten.
erase-do = Erase for good
erase-done = The person’s data is erased.
erase-done-before = The person’s data was erased already; nothing was left.
erase-not-done = Not erased: { $why }
