# Networks: their cards, connecting one, its page, what it is asked.
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
network-has-poll = Status by poll
network-has-test = Knows test leads

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
network-words = Words nobody has mapped
network-words-note = The reports wait and are applied when you say what a word means.
network-word = Their word
network-word-means = What { $word } means
network-word-choose = Choose

# What was sent lately.
network-attempts = Recent attempts
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
poll-orphans = Reports without a lead
poll-orphans-note = The network reports them, but names no lead that it got from here.
poll-their-id = Their id
poll-our-id = Our id, as they say
poll-revenue = Revenue
