# One’s own account.
save = Save
account-title = Your account
account-reading = Language and time
account-language = Language
account-language-browser = As the browser asks
account-zone = Time zone
account-zone-help = Times and days are shown in it, and days in filters are its days.
account-zone-wrong = Choose a zone of the list, such as Europe/Kyiv.
account-kept = Saved.
account-password = Password
account-password-current = Present password
account-password-new = New password
account-password-again = New password again
account-password-help = At least { $least } characters. Every other session of yours ends.
account-password-set-it = Change the password
account-password-set = The password is changed, and your other sessions have ended.
account-password-differs = This is not the same as the password above.
account-password-wrong = This is not your present password.
role-admin = admin
role-manager = manager
role-support = support
role-analyst = analyst

# Second factor.
factor-title = Second factor
factor-about = At sign-in you are asked for a code of an authenticator app, too: a password that leaks opens nothing by itself.
factor-manage = Manage
factor-on = Switch it on
factor-scan = Bring the secret into your authenticator
factor-scan-note = Read the picture with an app such as Aegis, Google Authenticator, 1Password or Bitwarden.
factor-picture = The secret as a picture
factor-text = Or type it:
factor-prove = Prove that it works
factor-code = Code of the app
factor-code-help = Six digits. The clock of your phone must be right.
factor-code-wrong = This is not the code of this secret at this moment. Wait for the next one; if it is wrong, too, look at the clock of your phone.
factor-already = It is on already.
factor-is-off = It is off.
factor-since = On since { $time }.
factor-codes = Recovery codes
factor-codes-note = The second factor is on. Each of these codes opens your account once when the app is lost. Keep them where the app is not: they are shown this once.
factor-codes-kept = I have kept them
factor-codes-left = { $left ->
    [0] None is left: make new ones.
    [one] { $left } of them is left.
   *[other] { $left } of them are left.
}
factor-codes-new = Make new ones
factor-off = Switch it off
factor-off-note = From then on the password alone opens your account.
factor-off-done = The second factor is off.

# Sessions.
sessions-title = Where you are signed in
sessions-this = this one
sessions-unknown = Unknown program
sessions-seen = seen { $time }
sessions-since = signed in { $time }
sessions-end = End
sessions-ended-one = That session has ended.
sessions-end-all = Sign out everywhere
sessions-end-all-sure = Sign out everywhere, here too?
