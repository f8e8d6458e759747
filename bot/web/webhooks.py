"""What carriers post to us. Nothing unsigned costs more than a look at a header; 2xx only after the commit.

When the database is away the answer is 503: Twilio then tries again (its address here should end in
`#rc=3&rp=ct,rt,5xx`), and the family is told nothing false.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from bot.channels import twilio_inbound as twilio
from bot.delivery.receipts import apply_receipt
from bot.jobs.work import receive
from bot.web.here import now, world

room = Blueprint("webhooks", __name__, url_prefix="/webhooks")

_EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@room.post("/twilio/inbound")
def twilio_inbound() -> Response:
    """A text from a family: store it, then say so."""
    form = _signed_form()
    try:
        incoming = twilio.incoming(form)
    except twilio.UnreadableWebhook as error:
        abort(400, description=str(error))
    receive(world(), incoming)
    return Response(_EMPTY_TWIML, mimetype="text/xml")


@room.post("/twilio/status")
def twilio_status() -> Response:
    """A delivery receipt. A state we do not know changes nothing and is not an error."""
    form = _signed_form()
    try:
        receipt = twilio.receipt(form, request.args.get("ref"))
    except twilio.UnreadableWebhook as error:
        abort(400, description=str(error))
    if receipt is not None:
        apply_receipt(world().db, receipt, now())
    return Response(status=204)


def _signed_form() -> twilio.Form:
    settings = world().settings
    header = request.headers.get("X-Twilio-Signature")
    if not settings.twilio_auth_token or not twilio.looks_signed(header):
        abort(403)
    path, query = twilio.raw_target(request.environ)
    params = request.get_data() if request.is_json else request.form
    if not twilio.verify(settings.base_url, path, query, params, header, settings.twilio_auth_token):
        abort(403)
    return request.form
