# Routing of an offer: live routes, draft, simulation, versions.
routing = Routing
routing-of = Routing of { $offer }
routing-live = Live routes
routing-draft = Draft
routing-draft-by = { $who }, { $time }
routing-draft-note = Saved in the draft. Leads follow it only after it is published.
routing-begin = Change the routes
routing-begun = This draft says what is live now. Change it, try it on past leads, then publish it.
routing-new-route = New route
routing-edit-route = Route
routing-add = Add to the draft
routing-edit = Change
routing-remove = Take out
routing-removed = The route is out of the draft.
routing-saved = Saved in the draft.
routing-discard = Discard the draft
routing-discard-sure = Discard this draft? The live routes stay as they are.
routing-discarded = The draft is discarded.
routing-publish = Publish now
routing-publish-later = Publish then
routing-publish-never = Not then
routing-publish-at = Publish at (times: { $zone })
routing-published = Published. New leads go by these routes.
routing-at = The draft publishes itself at { $time }.
routing-not-at = The draft waits for you to publish it.
routing-at-wrong = Choose a minute in the future, such as tomorrow at 09:00.
routing-failed = The draft was not published at its time: { $why }.
routing-overtaken = The live routes were changed since this draft was begun. Compare the two before you publish.
routing-force = Publish all the same
routing-network-archived = A network of these routes is archived. Take its route out, or restore the network.
routing-none = No network takes leads of this offer yet
routing-none-advice = Add a route to a network and publish it. Leads that came meanwhile wait and are sent then.
routing-none-draft = This draft has no routes: published, it would stop the offer’s leads.
routing-is-new = new
routing-is-changed = changed
routing-is-removed = { $network }: the route is taken out.
routing-step-first = asked first
routing-step-next = asked next
routing-step-trigger = second delivery when a lead is { $status }
routing-step-position = position { $position }
routing-share = { $percent } %
routing-rest = the rest
routing-takes-all = Takes all leads.
routing-network-off = network is off
routing-network-gone = archived network
routing-only-countries = Only { $countries }
routing-only-webmasters = Only from { $webmasters }
routing-open = Open { $hours } ({ $zone })
routing-stops = A refusal here is final
routing-fresh = { $hours ->
    [one] Only leads younger than { $hours } hour
   *[other] Only leads younger than { $hours } hours
}
routing-cap-hour = this hour
routing-cap-day = today
routing-cap-week = this week
routing-cap-month = this month
routing-cap-total = in all
routing-cap-approved-hour = approved this hour
routing-cap-approved-day = approved today
routing-cap-approved-week = approved this week
routing-cap-approved-month = approved this month
routing-cap-approved-total = approved in all
routing-explain = Explain a lead
routing-explain-help = What a lead of the past would meet if it came now.
routing-lead = Number or id
routing-explain-go = Explain
routing-no-lead = There is no such lead.
routing-lead-live = Lead { $number } by the live routes
routing-lead-draft = Lead { $number } by the draft
routing-versions = Versions
routing-versions-none = Each set of routes that is published from a draft is kept here.
routing-version = Version { $version }
routing-version-routes = { $count ->
    [one] { $count } route
   *[other] { $count } routes
}
routing-roll-back = Roll back
routing-roll-back-sure = Make version { $version } live again now?
routing-rolled-back = Version { $version } is live again.
routing-simulate = Simulate
routing-position = Position
routing-position-help = Lower is asked first. Routes at the same position share their leads.
routing-weight = Weight
routing-weight-help = Share among routes at the same position; 0 takes only what the others leave.
routing-countries-help = Two-letter codes; empty means all.
routing-webmasters-help = Slugs; empty means all.
routing-caps = Caps
routing-caps-help = One a line: “day 100” for leads the network took, “total 500 approved” for approved ones. Periods: hour, day, week, month, total.
routing-caps-wrong = Line { $line } must read like “day 100” or “total 500 approved”.
routing-hours = Opening hours
routing-hours-help = One a line: “mon-fri 09:00-18:00”, “sat,sun 10:00-14:00”. Empty means always.
routing-hours-wrong = Line { $line } must read like “mon-fri 09:00-18:00”.
routing-zone = Time zone
routing-zone-help = Hours and caps count in it, such as Europe/Kyiv.
routing-enabled = Takes leads
routing-more = More
routing-on-refused = When the network refuses
routing-on-refused-help = Whether another network may be asked for the same lead.
routing-refused-next = ask the next route
routing-refused-stop = the refusal is final
routing-age = Freshness, hours
routing-age-help = A lead older than this is not sent any more.
routing-trigger = Second delivery
routing-trigger-help = Empty for new leads; a status for a second delivery when a lead gets there.

simulation-of = Simulation: { $offer }
simulation-go = Simulate
simulation-days-wrong = The last day must not be before the first, and both must be dates of one year.
simulation-none = No leads in these days
simulation-none-advice = Choose days on which this offer had leads.
simulation-said = { $leads ->
    [one] By the draft, { $moved } of { $leads } lead would go elsewhere.
   *[other] By the draft, { $moved } of { $leads } leads would go elsewhere.
}
simulation-said-live = { $leads ->
    [one] There is no draft: by the live routes, { $moved } of { $leads } lead would go elsewhere today.
   *[other] There is no draft: by the live routes, { $moved } of { $leads } leads would go elsewhere today.
}
simulation-cut = More leads came; the first of them are simulated.
simulation-before = Happened
simulation-after = Simulated
simulation-difference = Difference
simulation-money-before = Usual revenue
simulation-money-after = Simulated revenue
simulation-unknown = not known
simulation-nobody = nobody, or waits
simulation-moves = Leads that would go elsewhere
simulation-leads = { $count ->
    [one] { $count } lead
   *[other] { $count } leads
}
simulation-note = A network that refused a lead refuses it again; one that was not asked is taken to accept it. Caps on approved leads are left out. A lead is worth what leads of this offer brought at that network in these days and the 30 before.
