# The overview.
overview-as-of = Today as of { $time }, against yesterday and a week ago at the same time
overview-today = Today
overview-leads = Leads
overview-accepted = Accepted
overview-refused = Refused
overview-waiting = On the way
overview-waiting-note = waiting, in flight or retrying now
overview-approved = Approved
overview-payout = Payout
overview-revenue = Revenue
overview-yesterday = { $what } yesterday by now
overview-new = new
overview-broken = Broken
overview-broken-note = gave up or outcome unknown, now
overview-rate = Approve %
overview-hold = On hold
overview-hold-note = payout of leads on hold, now
overview-margin = Margin
overview-week = { $what } a week ago
overview-hours = Hour by hour
overview-hours-help = A chart of the hours in the table below it
overview-hours-table = As a table
overview-chart-leads = Leads today
overview-chart-yesterday = Leads yesterday
overview-chart-approved = Approved today
overview-steps = First steps
overview-steps-done = { $done } of { $all } done. This list goes away when a network has taken the first lead.
overview-step-done = done
overview-call = The call
overview-attention = Needs attention now
overview-no-attention = Nothing. Queues move, networks answer, every status has a meaning.

attention-review = { $count ->
    [one] { $count } delivery needs review
   *[other] { $count } deliveries need review
}
attention-review-detail = The answer was lost: find out whether the network has the lead before it is sent again.
attention-dead = { $count ->
    [one] { $count } delivery gave up
   *[other] { $count } deliveries gave up
}
attention-dead-detail = These leads have no buyer. Send them again or elsewhere.
attention-unrouted = { $count ->
    [one] { $count } lead without a route
   *[other] { $count } leads without a route
}
attention-unrouted-detail = No route takes them. They go out as soon as one does.
attention-unmapped = { $words ->
    [one] { $network } uses { $words } status word nobody has mapped
   *[other] { $network } uses { $words } status words nobody has mapped
}
attention-unmapped-detail = { $reports ->
    [one] { $reports } report waits for it. Say what it means and it is applied.
   *[other] { $reports } reports wait for it. Say what they mean and they are applied.
}
attention-untold = { $count ->
    [one] { $count } postback to webmasters gave up today
   *[other] { $count } postbacks to webmasters gave up today
}
attention-untold-detail = Their address did not answer for long. They do not know the status of these leads.
attention-late-network = The queue of { $network } is late
attention-late-network-detail = Its oldest job has been due for { $age }. Its limits may be too low, or the server is busy.
attention-late-endpoint = Postbacks to a webmaster are late
attention-late-endpoint-detail = The oldest has been due for { $age }.
attention-late-own = The server’s own work is late
attention-late-own-detail = Its oldest job has been due for { $age }.
attention-paused = { $network } is paused
attention-paused-detail = For { $age }: { $why }. Its leads wait.
attention-paused-unsaid = no reason was given
attention-open = { $network } does not answer
attention-open-detail = { $failures ->
    [one] { $failures } failure; the next try is at { $time }. Its leads wait.
   *[other] { $failures } failures in a row; the next try is at { $time }. Its leads wait.
}
attention-probe = { $network } is being tried again
attention-probe-detail = { $failures ->
    [one] { $failures } failure; the next lead is a probe.
   *[other] { $failures } failures in a row; the next lead is a probe.
}
attention-go-review = Review deliveries
attention-go-deliveries = See deliveries
attention-go-leads = See leads
attention-go-postbacks = See postbacks
attention-go-network = Open network
attention-go-networks = See networks
attention-go-unmapped = Map statuses

step-link = Open the link
step-link-text = You are signed in. The calls below need an admin token in ADMIN_TOKEN.
step-network = Connect a network
step-network-text = Start with the sandbox: it accepts leads and reports a status two seconds later, and nothing leaves this server.
step-network-link = Connect on a page
step-offer = Create an offer
step-offer-text = What is promoted, what an approved lead pays, and in which currency.
step-webmaster = Create a webmaster and a token
step-webmaster-text = Who posts leads. The token is shown once: keep it in WEBMASTER_TOKEN.
step-route = Route the offer
step-route-text = Which network takes its leads. More routes make a waterfall.
step-lead = Post a lead
step-lead-text = With wait the answer comes when the network has it. Then open the lead and read its timeline.
