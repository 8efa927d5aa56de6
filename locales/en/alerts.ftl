# Alerts: the page, the rules, the channels, and what messages say.
place-alerts = Alerts
alerts-open = Open now
alerts-open-none = Nothing is wrong.
alerts-past = The last { $days } days
alerts-past-none = Nothing was wrong
alerts-past-none-advice = Alerts that are over are listed here.
alert = Alert
alert-began = Began
alert-lasted = Lasted
alert-since = since { $time } ({ $age })
alert-calm = over soon, if it stays so
alert-go = Look at it
alert-critical = critical
alert-count = { $count ->
    [one] { $count } alert
   *[other] { $count } alerts
}

# What is watched.
alert-kind-queue = Queue is late
alert-kind-breaker = Network does not answer
alert-kind-paused = Network is paused
alert-kind-unmapped = Unmapped statuses
alert-kind-cap_near = Cap nearly full
alert-kind-cap_full = Cap full
alert-kind-approve_rate = Approve rate dropped
alert-kind-poll_late = Statuses read late
alert-kind-postbacks = Postbacks fail
alert-kind-unrouted = Leads without a route
alert-kind-review = Outcomes to review
alert-kind-disk = Disk nearly full
alert-about-queue = A lead, a postback or other work that could go out waits longer than it should.
alert-about-breaker = The network could not be reached several times in a row. Its leads wait, and it is tried again by itself.
alert-about-paused = The network refused our key or our address, or somebody has paused it. Its leads wait until somebody resumes it.
alert-about-unmapped = The network uses a status word nobody has mapped. Its reports wait. Each new word is told.
alert-about-cap_near = A cap of a route in use is used up to this share.
alert-about-cap_full = A cap of a route in use is full: its leads go to the next route, or wait.
alert-about-approve_rate = Of the leads that were decided today and yesterday, a smaller share is approved than of those of the two weeks before. Looked at every ten minutes, for networks and for offers; at least 30 leads must have been decided lately and 100 before.
alert-about-poll_late = What a network says about its leads is read later than its interval allows.
alert-about-postbacks = A webmaster’s address fails again and again. He does not hear of his leads.
alert-about-unrouted = Leads that no route takes. They go out as soon as one does.
alert-about-review = Deliveries whose outcome nobody knows. They wait for a person.
alert-about-disk = The disk that the database is on is nearly full. When it is, no more leads are taken.

# The sentences of alerts, on the page and in messages.
alert-queue-network = The queue of { $network } is late: the oldest has waited for { $age }
alert-queue-endpoint = Postbacks to a webmaster are late: the oldest has waited for { $age }
alert-queue-own = The server’s own work is late: the oldest has waited for { $age }
alert-breaker = { $count ->
    [one] { $network } does not answer ({ $count } failure); its leads wait
   *[other] { $network } does not answer ({ $count } failures in a row); its leads wait
}
alert-paused = { $network } is paused; its leads wait
alert-unmapped = { $count ->
    [one] { $network } uses { $count } status word nobody has mapped
   *[other] { $network } uses { $count } status words nobody has mapped
}
alert-cap-near = { $offer } → { $network }: { $used } of { $limit } leads { $period } ({ $percent } %)
alert-cap-full = { $offer } → { $network }: the cap of { $limit } leads { $period } is full ({ $used } used, { $percent } %)
alert-period-hour = an hour
alert-period-day = a day
alert-period-week = a week
alert-period-month = a month
alert-period-total = in all
alert-approve-rate = { $name }: { $percent } % of the decided leads are approved, usually { $usual } %
alert-poll-late = Statuses of { $network } ({ $feed }) are { $age } behind
alert-postbacks = { $count ->
    [one] Postbacks to webmaster number { $number } fail ({ $count } failure)
   *[other] Postbacks to webmaster number { $number } fail ({ $count } failures in a row)
}
alert-postbacks-house = { $count ->
    [one] A postback of the house fails ({ $count } failure)
   *[other] A postback of the house fails ({ $count } failures in a row)
}
alert-unrouted = { $count ->
    [one] { $count } lead without a route
   *[other] { $count } leads without a route
}
alert-review = { $count ->
    [one] { $count } delivery needs review
   *[other] { $count } deliveries need review
}
alert-disk = { $percent } % of the disk are free

# Messages.
alert-title = { $open ->
    [0] { $over ->
        [one] { $over } alert is over
       *[other] { $over } alerts are over
    }
    [one] { $over ->
        [0] { $open } alert
       *[other] { $open } alert, { $over } over
    }
   *[other] { $over ->
        [0] { $open } alerts
       *[other] { $open } alerts, { $over } over
    }
}
alert-title-summary = While it was quiet: { $what }
alert-worse = More of it: { $what }
alert-again = Still, for { $age }: { $what }
alert-over = Over after { $age }: { $what }
alert-was = Came and went within { $age }: { $what }
alert-test-message = A test of the channel { $name }: it works

# Rules.
alert-rules = Rules
alert-rule = Alert
alert-rule-when = When
alert-rule-enabled = Watch this
alert-rule-between = From { $least } to { $most }; usually { $usual }.
alert-rule-networks = Only these networks
alert-rule-offers = Only these offers
alert-rule-only-help = Short names with commas. All when left empty.
alert-rule-unknown = { $name } is unknown
alert-rule-saved = The rule is saved: { $name }.
alert-threshold-queue = Minutes of waiting
alert-threshold-cap_near = Percent of the cap
alert-threshold-approve_rate = Percent below the usual rate
alert-threshold-poll_late = Intervals behind
alert-threshold-postbacks = Failures in a row
alert-threshold-unrouted = Leads
alert-threshold-review = Deliveries
alert-threshold-disk = Percent of the disk that are free
alert-when-queue = the oldest waits longer than { $number } min
alert-when-breaker = its breaker is open
alert-when-paused = it is paused
alert-when-unmapped = there is a new word
alert-when-cap_near = { $number } % of a cap are used
alert-when-cap_full = a cap is used up
alert-when-approve_rate = { $number } % below the usual
alert-when-poll_late = more than { $number } intervals behind
alert-when-postbacks = an address has failed { $number } times in a row
alert-when-unrouted = at least { $number }
alert-when-review = at least { $number }
alert-when-disk = less than { $number } % are free
alert-when-only = { $when }; about { $count } chosen only

# Channels.
alert-channels = Channels
alert-channels-none = Nobody is told: alerts stand on this page only. Add an e-mail address, a chat or a webhook.
alert-channel-new = New channel
alert-channel-kind = Kind of the channel
alert-channel-create = Create the channel
alert-channel-email = E-mail
alert-channel-telegram = Telegram
alert-channel-webhook = Webhook
alert-channel-quiet = quiet { $from }–{ $until } ({ $zone })
alert-channel-limit = { $count ->
    [one] at most { $count } message an hour
   *[other] at most { $count } messages an hour
}
alert-channel-repeat = again every { $count } h
alert-channel-fails = The last message did not get through: { $why }
alert-channel-ok = last message { $time }
alert-channel-lately = Lately
alert-channel-last-ok = Last success
alert-channel-last-error = Last failure
alert-channel-made = { $name } is there. Send a test message next.
alert-channel-sent-before = This form was sent before. The channel is below, if it was made.
alert-channel-taken = is taken by another channel
alert-channel-archived = { $name } is archived, and its secrets are gone.
alert-channel-archive-sure = Archive { $name }? It is told nothing more.
alert-host = Mail server
alert-port = Port
alert-security = Security
alert-security-starttls = STARTTLS (usually port 587)
alert-security-tls = TLS (usually port 465)
alert-security-none = none: a server on this machine only
alert-user = User
alert-user-help = Leave empty for a server that asks for none.
alert-password-help = Sealed; never shown again.
alert-from = From
alert-from-help = An address your server may send for, such as leadrelay <alerts@example.com>.
alert-to = To
alert-to-help = One or more addresses, with commas.
alert-token = Token of the bot
alert-token-help = From @BotFather, such as 123456:AAF… Sealed; never shown again.
alert-chat = Chat
alert-chat-help = The id of the chat or group, or @name of a channel. The bot must be in it.
alert-api = Bot API
alert-api-help = Only for a Bot API server of your own. That of Telegram when left empty.
alert-secret-help = At least 16 characters. One is made, and shown once, when a new channel is saved without.
alert-enabled = Send messages
alert-more = Quiet hours, how often
alert-quiet-from = Quiet from
alert-quiet-until = Quiet until
alert-quiet-help = Times such as 22:00. What comes meanwhile is told together afterwards. None when both are empty.
alert-quiet-both = is needed, too: quiet hours begin and end
alert-zone-help = Quiet hours are in it, such as Europe/Kyiv.
alert-critical-passes = Critical alerts are told in quiet hours, too
alert-per-hour = Most messages in an hour
alert-per-hour-help = What comes beyond that is told together later.
alert-repeat = Tell again after hours
alert-repeat-help = While an alert stays open. 0: once.
alert-needed = is needed
alert-too-long = is too long
alert-between = must be from { $least } to { $most }
alert-no-url = must be a whole URL
alert-no-time = must be a time such as 22:00
alert-no-address = { $address } is no e-mail address
alert-no-token = must be the token of a bot, such as 123456:AAF…
alert-no-secret = must be at least 16 ASCII characters
alert-test = Try it
alert-test-about = Sends a message at once, whatever the hour, and shows what is answered.
alert-test-send = Send a test message
alert-test-taken = It was taken.
alert-test-failed = It did not get through: { $why }
alert-messages = The newest messages
alert-messages-none = None was sent yet.
