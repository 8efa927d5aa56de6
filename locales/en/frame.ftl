# What stands around every page.
menu = Menu
menu-work = Work
menu-know = Know
menu-set-up = Set up
place-overview = Overview
place-leads = Leads
place-deliveries = Deliveries
place-inbound = Inbound postbacks
place-postbacks = Postbacks
place-unmapped = Unmapped statuses
place-audit = Audit log
place-networks = Networks
place-api = API docs
sign-out = Sign out
skip = Skip to the content
close = Close
copied = Copied
not-copied = Not copied
cancel = Cancel
go-back = Go back
test = test
keys-title = Keyboard
keys-search = Search
keys-rows = Next and previous row
keys-open = Open the row
keys-retry = Do the row’s action
keys-list = This list
error-role = your role does not include this page

# Dates and ages. The day and the year come as they are, months and weekdays as numbers.
date-short = { $day } { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
}
date-long = { $weekday ->
    [1] Monday
    [2] Tuesday
    [3] Wednesday
    [4] Thursday
    [5] Friday
    [6] Saturday
   *[7] Sunday
}, { $day } { $month ->
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
} { $year }
age-now = now
age-seconds = { $count } s
age-minutes = { $count } min
age-hours = { $count } h
age-days = { $count } d

# Search everywhere.
search = Search
search-everywhere = Search everywhere
search-label = Lead, phone, e-mail, network, offer, page …
search-go = Search
search-none = Nothing found for “{ $query }”.
search-lead = Lead { $number }
search-pages = Pages
search-acts = Actions
