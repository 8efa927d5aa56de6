# Our closed words. A refused lead is not a broken delivery: the words keep them apart.

# Statuses of a lead, states of deliveries and calls, outcomes of exchanges.
state-new = new
state-pending = pending
state-hold = hold
state-approved = approved
state-paid = paid
state-rejected = rejected
state-trash = trash
state-waiting = waiting
state-sending = in flight
state-retrying = retrying
state-accepted = accepted
state-refused = refused
state-needs_review = needs review
state-dead = gave up
state-cancelled = cancelled
state-no_route = no route
state-delivered = delivered
state-suppressed = suppressed
state-superseded = superseded
state-no_capacity = no capacity
state-retry = failed, will retry
state-unknown = outcome unknown
state-misconfigured = misconfigured
state-lost = lease lost
state-ours = our fault
state-failed = failed
state-applied = applied
state-unchanged = nothing new
state-stale = stale
state-unmapped = unmapped
state-ignored = ignored
state-unmatched = no lead found
state-healthy = healthy
state-degraded = degraded
state-paused = paused
state-running = running
state-done = done
state-step = step
state-sale = sale
state-fulfilment = fulfilment
state-open = open
state-mapped = mapped
state-any = all
state-mapping = columns to name
state-checking = trying
state-checked = tried
state-created = created
state-duplicate = duplicate
state-invalid = invalid

# What a state of a delivery means for the lead and a network.
delivery-waiting = Waits for { $network }
delivery-sending = Being sent to { $network }
delivery-retrying = { $network } is tried again later
delivery-accepted = { $network } has the lead
delivery-refused = { $network } refused the lead
delivery-needs_review = Nobody knows whether { $network } has the lead
delivery-dead = Gave up on { $network }
delivery-cancelled = Delivery to { $network } taken back
delivery-other = Delivery to { $network }: { $state }

# What became of a report.
verdict-applied = applied
verdict-unchanged = nothing new
verdict-stale = would move the lead backwards; ignored
verdict-unmapped = this status word is not mapped yet; kept until it is
verdict-ignored = names no status
verdict-unmatched = names no lead of this network
verdict-failed = could not be read

# What was decided about a route.
route-taken = Taken
route-later = Comes next if needed
route-country = Another country
route-webmaster = Another webmaster
route-disabled = Route is off
route-network_disabled = Network is off
route-closed = Outside its hours
route-too_old = Lead is too old for it
route-refused_before = Has refused this lead
route-full = Cap is full
route-stopped = An earlier refusal ends the search

# Where an event came from. What the server does by itself needs no name.
source-intake = intake
source-router = routing
source-answer = answer to a send
source-postback = postback of the network
source-poll = poll
source-import = import
source-admin = by hand
source-network = network
actor-environment = the environment’s token
actor-token = an API token
actor-command-line = the command line
actor-webmaster = the webmaster

count-leads = { $count ->
    [one] { $count } lead
   *[other] { $count } leads
}

took-ms = { $ms } ms
took-seconds = { $seconds } s

why-switched-off = switched off
why-paused = paused
why-failing = { $count ->
    [one] { $count } failure
   *[other] { $count } failures in a row
}
why-failing-until = { $count ->
    [one] { $count } failure; the next call is made after { $time }
   *[other] { $count } failures in a row; the next call is made after { $time }
}
