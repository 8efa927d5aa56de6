# Signing in, the first admin, and errors.
field-email = E-mail
field-password = Password
field-name = Name
field-optional = optional
form-not-saved = Not saved: some fields need another look.
form-look-again = Some fields need another look.
login-title = Sign in to leadrelay
login-do = Sign in
login-wrong = The e-mail or the password is not right.
login-too-many = { $seconds ->
    [one] Too many tries. Wait { $seconds } second and try again.
   *[other] Too many tries. Wait { $seconds } seconds and try again.
}
login-code-title = Second factor
login-code-lead = The password is right. One more thing:
login-code = Code
login-code-help = Six digits of your authenticator app, or one of your recovery codes. An admin can switch the second factor off for you.
login-code-wrong = The code is not right, or it was used before. Wait for the next one.
login-code-back = Begin anew
login-code-recovery = { $left ->
    [0] You came in by your last recovery code: make new ones in your account.
    [one] You came in by a recovery code; { $left } is left. If the app is lost, set the second factor up anew.
   *[other] You came in by a recovery code; { $left } are left. If the app is lost, set the second factor up anew.
}
setup-title = Create the first admin
setup-lead = This account may do everything here. The link works once.
setup-password-help = At least { $least } characters; a sentence is easier to keep.
setup-again = The same password again
setup-do = Create the admin

error-request = Request
error-overview = Go to the overview
error-gone = There is no such page
error-gone-advice = The address may be old or mistyped, or what it showed has been put away.
error-method = This cannot be done here
error-method-advice = Go back and use the form on the page.
error-signed-out = Please sign in
error-signed-out-advice = Your session has ended.
error-forbidden = You may not do this
error-forbidden-advice = { $why }. Ask an admin of this installation.
error-too-many = Too many requests
error-too-many-advice = { $seconds ->
    [one] Wait { $seconds } second and try again.
   *[other] Wait { $seconds } seconds and try again.
}
error-unavailable = Not available at the moment
error-unavailable-advice = The database does not answer or the server is overloaded. Nothing was changed; try again in a few seconds.
error-internal = Something went wrong
error-internal-advice = It is not your fault. Try again; if it happens again, give the id below to whoever runs this server.
error-invalid = Some fields are not valid
error-invalid-advice = { $why }. Go back and correct them.
error-other = This cannot be done
error-other-advice = { $why }. Go back and look at the page anew.
