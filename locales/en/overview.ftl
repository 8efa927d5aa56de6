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
overview-step-call = The same with curl
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

step-link = Open the link, create the admin
step-link-text = You are signed in.
step-network = Connect a network and test it
step-network-text = Choose an integration, paste its key, press Test: request and answer are shown. The built-in sandbox needs no key, and nothing leaves this server.
step-network-link = Choose an integration
step-offer = Create an offer
step-offer-text = What is promoted, what an approved lead pays, and in which currency.
step-route = Add a route
step-route-text = Which network takes the offer’s leads. More routes share them, or follow one another.
step-route-link = Routing of the offer
step-webmaster = Create a webmaster and his token
step-webmaster-text = Who posts leads. His page shows the token once, and beside it a call that is ready to be pasted.
step-lead = Post a lead and see it delivered
step-lead-text = Run the call of the webmaster’s page, then open the lead: its page tells what the network said.
step-lead-link = To the token and the call
step-token-admin = ADMIN_TOKEN stands for a token of an admin: the page Tokens makes one.
step-token-webmaster = WEBMASTER_TOKEN stands for the webmaster’s token: his page makes one.
