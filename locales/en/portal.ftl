# The webmaster’s portal, and the ways into it.
portal-today = Today
portal-leads = My leads
portal-offers = Offers
portal-postbacks = Postbacks
portal-postback = Postback
portal-calls = Calls
portal-api = API
portal-tokens = Tokens

# On the page of a webmaster in the dashboard.
portal-title = His portal
portal-about = There he sees his own leads, statuses and money, and connects by himself: by a login or by a link.
logins-title = Logins
logins-none = No login yet.
login-new = New login
login-create = Create the login
login-email-help = You get a link to hand over: he chooses his password by it.
login-no-password = has not chosen a password yet
login-link = New link
login-link-note = Hand this link over now: it is shown this once, works once and for seven days. He chooses his password by it.
login-close = Close
login-close-sure = Close the login of { $email }? Whoever uses it is signed out at once.
login-closed = The login of { $email } is closed.
portal-links-title = Links without a password
portal-links-none = No link.
portal-link-new = The new link
portal-link-name = Who has it
portal-link-create = New link
portal-link-made = made { $time }
portal-link-note = Copy it now: it is shown this once. Whoever has it is in his portal until it is revoked.
portal-link-revoke-sure = Revoke this link? Whoever came by it is signed out at once.
portal-link-revoked = The link is revoked.
actor-link = a portal link
kind-portal_link = portal link

# Choosing a password.
join-title = Choose a password
join-for = For { $email }. Afterwards you sign in with both.
join-do = Set the password and enter

# Today.
portal-numbers = Leads
portal-leads-today = Leads
portal-approved = Approve rate
portal-money = Money
portal-money-note = By the day the leads came.
portal-money-span = Leads of
portal-money-today = today
portal-money-month = { $days ->
    [one] the last { $days } day
   *[other] the last { $days } days
}
portal-hold = On hold
portal-owed = Approved
portal-failed = Postbacks that did not arrive
portal-last-leads = Last leads
portal-all-leads = All leads
portal-connect = Connect

# Leads.
portal-leads-search = Number, external id or click id
none-portal-leads = You have sent no lead yet
none-advice-portal-leads = The page API has a call that is ready to be pasted.
sub1 = sub1
sub2 = sub2
sub3 = sub3
sub4 = sub4
sub5 = sub5
sub6 = sub6
sub7 = sub7
sub8 = sub8
sub9 = sub9
sub10 = sub10
sub11 = sub11
sub12 = sub12
portal-received = Received
timeline-call-you = Call to your address
timeline-to-tell-you = You are to hear: { $status }
timeline-told-you = You were told: { $status }
portal-masked = Masked on these pages; the API gives you what you sent.
portal-resend-help = Calls your addresses with the last status again, with the same ids.
portal-not-told = Nothing was sent about this lead: no postback of yours hears of its status.

# Stats.
portal-stats = Stats
portal-stats-by = By
portal-stats-then = … and by
portal-day = Day
portal-stats-none = No leads then
portal-stats-none-advice = Choose other days, or no offer.
portal-stats-cut = Only the first { $most } lines are shown; the sum is of all.
portal-stats-hold = Money on hold
portal-stats-owed = Money approved
portal-stats-total = All
portal-stats-note = By the day the leads came, without test leads. The approve rate is of leads that are not trash.
portal-stats-long = must be less than { $days } days before the last one

# Offers.
portal-offers-none = There is no offer now
portal-offers-none-advice = Ask your manager.
portal-payout-unsaid = by agreement
portal-flows-none = none: name the offer only

# Postbacks.
portal-postbacks-about = Addresses of yours that are called when a lead changes.
portal-rules = Your postbacks
portal-rules-none = None yet: you are told nothing.
portal-open = Open
portal-postback-offer = Only this offer
portal-postback-enabled = Calls this address
portal-postback-made = The postback is there. Try it with a sample.
portal-main-exists = there is a main postback of this flow or of yours already; make this one additional
portal-test = Test
portal-test-about = Sends a sample of a lead that does not exist to the saved address now.
portal-test-do = Send a sample
portal-test-taken = Your server took it.
none-portal-calls = You have been told nothing yet
none-advice-portal-calls = Calls appear here when a lead changes and one of your postbacks hears of it.

# Tokens.
portal-tokens-about = Programs that post and read your leads present one of these.
portal-tokens-none = No token yet: without one you cannot post leads.

# The API.
portal-api-about = Post leads from a landing page, a tracker or a script.
portal-reference = Reference
portal-token-first = First a token
portal-token-placeholder = Make one and it stands in every call below. It is shown this once; otherwise TOKEN holds its place.
portal-token-make = Make a token
portal-token-filled = It stands in every call below. Copy it now: it is shown this once.
portal-samples = Ready calls
portal-samples-about = They post a test lead of { $offer }. Leave out test when you go live.
portal-samples-no-offer = There is no offer now: put one in the place of OFFER.
portal-sample-note = leave it out when you go live
portal-try = Try it
portal-try-about = Posts a test lead, as your script would. Networks do not pay for test leads.
portal-try-do = Post a test lead
portal-errors = Errors
portal-errors-code = Code
portal-errors-when = When
portal-errors-do = What to do
