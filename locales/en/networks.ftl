# Networks: their cards, connecting one, its page, what it is asked.
networks-approve-rates = Approve rates by day
networks-connect = Connect a network
networks-connect-note = Choose how leads are handed over. Settings can be changed later.
networks-connect-first = Connect the first one
networks-none = No network is connected yet
networks-none-advice = A network is where leads are sent: a partner, a call centre, a CRM. The sandbox is one too, and answers as you tell it to.
networks-none-ask = An admin of this installation can connect the first one.
networks-sample = { $count ->
    [one] Numbers are of the last 24 hours, at most the newest delivery of each network.
   *[other] Numbers are of the last 24 hours, at most the newest { $count } deliveries of each network.
}
networks-refused-note = Refused is not an error: the network answered, and said no.
networks-more = There are more networks; the API lists them all.
networks-no-integrations = There are no integrations
networks-no-integrations-advice = Put a template file into the folder of integrations and start the server again.

# Groups of integrations, and how sure we are of one.
network-group-practice = Practice
network-group-generic = Generic
network-group-network = Networks
network-group-altercpa = AlterCPA
network-group-crm = CRM
network-sure-documented = Documented
network-sure-seen-in-code = Seen in code
network-sure-guessed = Guessed

# How it is doing.
network-accepted = Accepted
network-accepted-day = Accepted, 24 h
network-accepted-of = { $part } of { $whole }
network-errors = Errors
network-errors-day = Errors, 24 h
network-waiting = Waiting
network-in-flight = { $count } on the way
network-call-takes = A call takes
network-ms = { $count } ms
network-seconds = { $whole }.{ $tenth } s
network-last-poll = Last poll
network-last-postback = Last postback
network-ago = { $age } ago
network-never = never
network-unmapped = Unmapped words
network-none = none
network-off = Switched off
network-paused-because = Paused: { $why }
network-paused-leads = { $why } Its leads wait until it is resumed.
network-missing-params = { $count ->
    [one] Leads of the offer { $offer } cannot be sent: it lacks the parameter
   *[other] Leads of the offer { $offer } cannot be sent: it lacks the parameters
}
network-number = number { $number }
network-version = settings version { $version }

# What can be done with it, and what came of that.
network-pause = Pause
network-resume = Resume
network-test = Test
network-is-paused = { $network } is paused; its leads wait.
network-goes-on = { $network } goes on; its failures are forgotten.
network-not-done = Not done: { $why }.
network-connect = Connect
network-choose-another = Choose another
network-connected = { $network } is connected. Send it a test lead.
network-saved = Saved.

# Its settings.
network-settings = Settings
network-more = Limits, status words, parameters
network-name = Name
network-name-help = For people. The short name when left empty.
network-slug = Short name
network-slug-help = For programs and routes: a-z, 0-9, - _ and dots.
network-timeout = Longest call, in seconds
network-timeout-help = 1 to 120; 30 when left empty.
network-concurrency = Calls at once
network-concurrency-help = 1 to 1000; 16 when left empty.
network-per-second = Calls a second
network-per-second-help = No limit when left empty.
network-status-map = Status words
network-status-map-help = Their word = our status, one a line, such as “in work = hold”. Ours are pending, hold, approved, paid, rejected, trash.
network-status-map-wrong = line { $line } is not “their word = our status”
network-params = Parameters
network-params-help = A JSON object; it overrides the parameters of the offer.
network-params-wrong = is not a JSON object (line { $line })
network-number-wrong = must be a number
network-lines = One a line, as name: value.
network-lines-wrong = line { $line } is not “name: value”
network-secret-set = set
network-secret-unset = not set
network-secret-keep = Leave empty to keep it
network-secret-remove = Remove what is stored
network-integration-gone = The integration { $integration } is no longer there. Put its file back to change settings and to send.
network-offer-params = Read from offers
network-param-required = required
network-param-required-or = required, or { $other }
network-links = Pages of the partner
network-postback = Postback URL
network-postback-note = Give it to the partner. Its last part is a secret: whoever has it can change statuses.
network-postback-ask = It holds a secret; ask an admin of this installation for it.
network-copy = Copy

# A test lead.
network-test-title = Send a test lead
network-test-note = It is really sent, marked as a test where the partner knows that. Nothing is stored.
network-test-phone = Phone
network-test-send = Send the test lead
network-test-another = Send another
network-test-country-wrong = must be a country code such as DE
network-test-not-sent = Not sent: { $why }.
network-test-request = Request
network-test-no-request = None was made.
network-test-answer = Answer
network-test-no-answer = There was none.
network-test-accepted = The network took it.
network-test-accepted-id = The network took it as { $id }.
network-test-accepted-word = The network took it; its status is “{ $word }”.
network-test-accepted-both = The network took it as { $id }; its status is “{ $word }”.
network-test-trash = The network refused it as a duplicate or invalid: { $reason }
network-test-refused = The network refused it: { $reason }
network-test-no-capacity = The network has no capacity now: { $reason }
network-test-retry = It did not arrive; a real lead would be tried again: { $reason }
network-test-unknown = It was sent, but nobody knows whether it arrived: { $reason }
network-test-misconfigured = Something in the settings is wrong: { $reason }

# Words without a meaning.
network-word = Their word
network-word-means = What { $word } means
network-word-choose = Choose

# What was sent lately.
network-attempts-none = Nothing was sent yet
network-attempts-none-advice = Attempts appear here as soon as a route sends leads to this network. A test lead shows that it works.
network-leads = Leads of this network
network-outcome = Outcome
network-took = Took
network-detail = Detail
network-look-up = lookup

# What it is asked, and what that brought.
poll-title = Status checks
poll-now = Check now
poll-begun = The network is being asked; reload to see what it says.
poll-feed = Feed
poll-asks = Asks
poll-asks-ids = about leads by id
poll-asks-time = what happened since
poll-every = Every
poll-behind = Behind
poll-never = never asked
poll-next = Next
poll-soon = soon
poll-last-error = Last error
poll-failures = { $count ->
    [one] ({ $count } time in a row)
   *[other] ({ $count } times in a row)
}
poll-past = What they brought
poll-by-hand = by hand
poll-began = Began
poll-calls = Calls
poll-reports = Reports
poll-applied = Applied
poll-unmapped = Unmapped
poll-no-lead = No lead
poll-error = Error
poll-again = Read a part of the past again
poll-from = From day ({ $zone })
poll-to = To day, included
poll-again-do = Read again
poll-days-wrong = Not asked: write days as 2026-11-30.
poll-until = Read up to
poll-asked = Asked
poll-all-feeds = All feeds
poll-none = This network is not asked for statuses
poll-none-settings = Its integration can ask; with the present settings it does not.
poll-none-advice = Its integration cannot ask. Statuses come by the partner’s calls.
poll-orphans-there = The network reports things that no lead is known for.
poll-orphans-look = Look at them

# The tabs of its page.
network-tabs = Parts of this network
network-tab-connection = Connection
network-tab-request = Request
network-tab-answers = Answers
network-tab-statuses = Statuses
network-tab-polling = Polling
network-tab-inbound = Inbound postback
network-tab-tests = Tests
network-tab-parameters = Parameters
network-tab-plans = Plans
network-tab-history = History
network-archived = The network is archived; nothing is sent there any more.

# What is sent.
request-title = What is sent
request-of-sample = Made with a sample lead of the first offer that is routed here, and not sent. Secrets are masked.
request-of-lead = Made with this lead as it is now, and not sent. Secrets and the person are masked.
request-lead = Lead
request-lead-help = Number or id. The sample when left empty.
request-show = Show
request-sample = The sample again
request-none = No call would be made.
request-param = Parameter { $name }
request-no-lead = There is no such lead.

# What an answer means.
answer-title = Try an answer
answer-note = Paste an answer of the partner to see what it would mean. Nothing is stored.
answer-status = HTTP status
answer-status-wrong = must be a number from 100 to 599
answer-headers = Headers
answer-body = Body
answer-judge = What does it mean?
answer-meaning = It means
answer-none-yet = What the answer means stands here once you have asked.
answer-goes-on = The send would go on with another call:
answer-rule = Rule { $no } of the integration decided
answer-no-rule = No written rule decided: the integration judges such answers in code, or the answer says neither yes nor no.
answer-id = Their id
answer-word = Their status
answer-means = { $status }, says the integration
answer-means-own = { $status }, says the network’s own table
answer-means-nothing = nothing yet: nobody has mapped the word
answer-payout = Pays
answer-redirect = Sends the person to
answer-message = Their words
answer-after = Try again after
answers-pace = Milliseconds until it answers, in the last 24 hours
answers-sends = Sends looked at
answers-p50 = Half below
answers-p95 = 95 % below
answers-p99 = 99 % below
answers-last = The last answers
answers-filter = By outcome
answers-none-such = No answer had this outcome
answers-sample = { $count ->
    [one] Of the newest delivery of the last 30 days; at most 100 answers are shown.
   *[other] Of the newest { $count } deliveries of the last 30 days; at most 100 answers are shown.
}

# What its words mean.
statuses-title = Status words
statuses-note = Those that nobody has mapped come first. A change holds from the next report on; mapping an open word applies what waited.
statuses-none = No status word was seen in the last 30 days
statuses-none-advice = Words appear here when the network answers, calls or is polled.
statuses-why = Why
statuses-change = Change
statuses-own = own table
statuses-integration = the integration
statuses-nobody = nobody said so
statuses-otherwise = (the integration says { $status })
statuses-leave = Leave it to the integration
statuses-sample = { $count ->
    [one] Leads whose last word it is, of the newest delivery of the last 30 days.
   *[other] Leads whose last word it is, of the newest { $count } deliveries of the last 30 days.
}
status-set = From now on “{ $word }” means { $status }.
status-left = What “{ $word }” means is left to the integration.

# What the partner calls.
inbound-example = For example, with the partner’s own macros in the place of the braces:
inbound-params = What a call may say
inbound-params-note = In the query, in a form or in JSON. Where several names stand, the first that is there counts.
inbound-param = Parameter
inbound-says = What it says
inbound-own-form = The partner calls in a form of its own, which the integration reads: it needs the URL only.
inbound-param-id = Our id or number of the lead, as it was sent.
inbound-param-external-id = Their id of the lead, when ours is not known.
inbound-param-status = Their status word; the tab Statuses says what it means.
inbound-param-payout = What they pay us.
inbound-param-currency = Currency of it, such as USD. That of the offer when it is not there.
inbound-param-goal = Goal of the offer that was reached.
inbound-param-reason = Why it was refused: words, or a code from 1 to 15.
inbound-param-comment = A remark; the webmaster sees it.
inbound-param-transaction-id = Their id of this result, where a lead can have several.
inbound-last = The last calls
inbound-all = All calls of this network
inbound-none = The network has not called yet
inbound-none-advice = Its calls appear here, also those that change nothing, with the reason.

# Recorded cases.
cases-title = Recorded cases
cases-note = What the integration sends and how it judges answers, recorded with its file. They run with sample settings, without a call.
cases-run = Run all
cases-none = The integration has no recorded cases.
cases-case = Case
cases-passed = passed
cases-differs = What differs
cases-differs-chip = differs
cases-all-passed = { $count ->
    [one] { $count } case passed.
   *[other] All { $count } cases passed.
}
cases-failed = { $count ->
    [one] { $count } of { $whole } cases differs.
   *[other] { $count } of { $whole } cases differ.
}

# What offers must give.
params-none = The integration reads nothing from offers
params-none-advice = Any offer can be routed here as it is.
params-offers = Offers that are routed here
params-no-offers = No offer is routed here
params-no-offers-advice = Routes are made on the page of an offer.
params-off = switched off
params-missing = missing
params-where = They stand in the parameters of the offer; those of the network and of a flow go over them. “name-de” holds for country DE.

# Its history.
history-all = In the audit log
history-none = Nothing was changed yet.
history-changes = Before → after

# What the partner has to be promoted.
plans-search = Search plans
plans-name = Name
plans-mine = Only those applied for
plans-find = Search
plans-note = Read from the partner now. Tick those that become offers.
plans-wrong = The plans cannot be read: { $why }
plans-none = No plan was found
plans-none-advice = Search for another name, or look at all of them.
plans-choose = Choose
plans-choose-one = Make an offer of { $plan }
plans-plan = Plan
plans-pays = Pays
plans-days = Days
plans-open = For this account
plans-is-open = open
plans-is-closed = not open
plans-warnings = Warnings
plans-offer = offer { $offer }
plans-anyway = Make offers of plans with warnings, too
plans-make = Make offers
plans-before = Previous page
plans-tick = Tick 1 to { $most } plans.
plans-made = { $count ->
    [one] An offer was made: { $offers }. Route it next.
   *[other] { $count } offers were made: { $offers }. Route them next.
}
plans-some-made = { $count ->
    [one] An offer was made: { $offers }. Not made: { $why }
   *[other] { $count } offers were made: { $offers }. Not made: { $why }
}
plans-none-made = No offer was made: { $why }
