"""The forms of access: signing in, read-only keys, duties."""

from pydantic import Field

from ledger_api.http.models import Instant, Strict


class SignIn(Strict):
    """What a person shows to come in. Without a second factor yet, `code` stays empty."""

    officer: str = Field(min_length=1, max_length=80, examples=["li"])
    password: str = Field(min_length=1, max_length=256)
    code: str = Field(default="", max_length=12, description="The six digits of the telephone")


class SessionModel(Strict):
    """One's own standing. `csrf` goes along in the header `Ledger-CSRF` with whatever changes something."""

    officer: str
    way: str = Field(description="signature, session or key")
    stage: str = Field(description="full; enrolling: set up the second factor; changing: change the password")
    roles: list[str] = Field(
        description="`role` for every entity, `role@entity` for one, with `(township)` where it is narrowed to one"
    )
    permissions: list[str]
    townships: list[str] = Field(
        default=[], description="Of which townships one reads, where one's roles are for some only"
    )
    csrf: str | None = None
    ends_at: Instant | None = None


class OpenSession(Strict):
    """One of one's own sessions; `id` opens nothing."""

    id: str
    made_at: Instant
    seen_at: Instant
    ends_at: Instant
    address: str


class SessionList(Strict):
    """One's own sessions, the newest first."""

    sessions: list[OpenSession]


class EndedSessions(Strict):
    """How many sessions ended."""

    ended: int


class SeedModel(Strict):
    """A second factor to be set up: shown once, it counts when a code of it was shown."""

    seed: str
    address: str = Field(description="`otpauth:` address for a telephone")


class Code(Strict):
    """Six digits of the telephone."""

    code: str = Field(pattern=r"^[0-9]{6}$")


class PasswordChange(Strict):
    """The old password and the new one."""

    old: str = Field(min_length=1, max_length=256)
    new: str = Field(min_length=1, max_length=256)


class ReadKeyWanted(Strict):
    """A read-only key to be made."""

    label: str = Field(min_length=1, max_length=80, description="Whose, and what for")
    permissions: list[str] = Field(min_length=1, max_length=3, description="books, export, mirror")
    entities: list[str] = Field(default=[], max_length=100, description="Empty: every entity")
    addresses: list[str] = Field(default=[], max_length=100, description="IP addresses or networks; empty: any")
    days: int = Field(ge=1, le=400, description="How long it counts")


class ReadKeyModel(Strict):
    """A read-only key; `key` is the whole of it, shown this once."""

    id: str
    label: str
    permissions: list[str]
    entities: list[str]
    addresses: list[str]
    made_by: str
    made_at: Instant
    expires_at: Instant
    revoked_at: Instant | None
    used_at: Instant | None
    key: str | None = None


class ReadKeyList(Strict):
    """Every read-only key, the newest first."""

    keys: list[ReadKeyModel]


class DutyWanted(Strict):
    """A person for one of the three administrations."""

    duty: str = Field(max_length=32, description="system, security or audit")
    officer: str = Field(max_length=80)


class DutyModel(Strict):
    """Who holds a duty, or is proposed for it (`agreed` false)."""

    duty: str
    officer: str
    by: str
    at: Instant
    agreed: bool


class DutyList(Strict):
    """The three administrations and open proposals."""

    duties: list[DutyModel]


class LoginModel(Strict):
    """What may be told of a login."""

    officer: str
    locked: bool
    must_change: bool
    second_factor: bool
    changed_at: Instant


class LoginWanted(Strict):
    """A person who is to have a login."""

    officer: str = Field(min_length=1, max_length=80, examples=["li"])


class LoginGiven(Strict):
    """A login that was given out or reset. `password` is shown this once; the first sign-in replaces it."""

    officer: str
    password: str


class Lock(Strict):
    """Whether nobody comes in by the login."""

    locked: bool


class LoginList(Strict):
    """Every login."""

    logins: list[LoginModel]
