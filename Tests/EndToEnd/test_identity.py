"""Only the tool of the path has access, by a certificate that nginx verified, whatever others send."""

import pytest

from stack.certificates import CN, OU, SERVER, Authority, O, name, tool_name
from cryptography.x509.oid import NameOID


@pytest.fixture(scope="module")
def owner(make_tool):
    """A tool with a config, whose identity others try to get."""
    tool = make_tool("owner")
    tool.store()
    return tool


def attempts(tool, certificate, headers=None):
    """Everything that needs an identity."""
    more = {"certificate": certificate, "headers": headers or {}}
    return [
        tool.api.get(tool.config_path, **more),
        tool.api.request("HEAD", tool.config_path, **more),
        tool.api.post(tool.config_path, tool.config("stolen"), **more),
        tool.api.post(tool.deploy_path, **more),
        tool.api.get(f"{tool.deploy_path}/owner-deploy-20261122-101500-1", **more),
    ]


def assert_refused(tool, status, certificate, headers=None):
    with tool.cluster.recording() as journal:
        responses = attempts(tool, certificate, headers)
    assert [response.status for response in responses] == [status] * len(responses), responses
    assert not journal.entries, journal.summary()


def test_no_certificate_is_401(owner):
    assert_refused(owner, 401, None)


def test_another_tool_s_certificate_is_403(owner, authority):
    assert_refused(owner, 403, authority.tool("other"))


def test_the_tool_s_own_certificate_is_accepted(owner, authority):
    assert owner.api.get(owner.config_path, certificate=authority.tool("owner")).status == 200


UNVERIFIED = {
    "expired": lambda authority, directory: authority.issue(tool_name("owner"), begins=-9, ends=-1),
    "not yet valid": lambda authority, directory: authority.issue(tool_name("owner"), begins=1, ends=9),
    "for servers only": lambda authority, directory: authority.issue(tool_name("owner"), usage=SERVER),
    "self-signed": lambda authority, directory: authority.self_signed(tool_name("owner")),
    "of a false CA of the same name": lambda authority, directory: Authority(directory / "false").tool("owner"),
    "of an intermediate CA": lambda authority, directory: Authority(
        directory / "intermediate", "intermediate", issuer=authority
    ).tool("owner"),
}


@pytest.mark.parametrize("make", [pytest.param(make, id=case) for case, make in UNVERIFIED.items()])
def test_a_certificate_that_does_not_verify_is_401(owner, authority, directory, make):
    certificate = make(authority, directory)
    assert_refused(owner, 401, certificate)
    # Also where no identity is needed: nginx refuses it first, with the reason.
    assert owner.api.get("/healthz", certificate=certificate).status == 401


SUBJECTS = {
    "two CNs, ours first": name((O, "toolforge"), (CN, "owner"), (CN, "mallory")),
    "two CNs, ours last": name((O, "toolforge"), (CN, "mallory"), (CN, "owner")),
    "the same CN twice": name((O, "toolforge"), (CN, "owner"), (CN, "owner")),
    "two CNs in one RDN": name((O, "toolforge"), [(CN, "owner"), (CN, "mallory")]),
    "two Os": name((O, "toolforge"), (O, "toolforge"), (CN, "owner")),
    "another O beside ours": name((O, "toolforge"), (O, "evil"), (CN, "owner")),
    "CN beside an OU": name((O, "toolforge"), [(CN, "owner"), (OU, "x")]),
    "CN and O in one RDN": name([(CN, "owner"), (O, "toolforge")]),
    "O beside an OU": name([(O, "toolforge"), (OU, "x")], (CN, "owner")),
    "no O": name((CN, "owner")),
    "no CN": name((O, "toolforge")),
    "nothing": name(),
    "O empty": name((O, ""), (CN, "owner")),
    "CN empty": name((O, "toolforge"), (CN, "")),
    "O of another case": name((O, "Toolforge"), (CN, "owner")),
    "another O": name((O, "toolforge.org"), (CN, "owner")),
    "O with a space": name((O, "toolforge "), (CN, "owner")),
    "CN with a space": name((O, "toolforge"), (CN, " owner")),
    "CN of another case": name((O, "toolforge"), (CN, "Owner")),
    "CN with a line break": name((O, "toolforge"), (CN, "owner\n")),
    "CN with a NUL": name((O, "toolforge"), (CN, "owner\0.evil")),
    "CN with a slash": name((O, "toolforge"), (CN, "owner/x")),
    "all of it in the CN": name((CN, "owner,O=toolforge")),
    "all of it in the CN, the other way": name((CN, "toolforge+CN=owner")),
    "a second CN in the CN": name((O, "toolforge"), (CN, "mallory,CN=owner")),
    "O in an OU": name((OU, "x,O=toolforge"), (CN, "owner")),
    "CN in quotes": name((O, "toolforge"), (CN, '"owner"')),
    "CN that begins with a hash": name((O, "toolforge"), (CN, "#0C056F776E6572")),
    "CN that looks the same": name((O, "toolforge"), (CN, "оwner")),
    "CN of 1,100 characters": name((O, "toolforge"), (CN, "owner" * 220)),
}


@pytest.mark.parametrize("subject", [pytest.param(subject, id=case) for case, subject in SUBJECTS.items()])
def test_a_subject_that_is_not_exactly_one_tool_of_toolforge_is_401(owner, authority, subject):
    assert_refused(owner, 401, authority.issue(subject))


@pytest.mark.parametrize(
    "subject",
    [
        name((O, "toolforge"), (CN, "owner")),
        name((CN, "owner"), (O, "toolforge")),
        name((NameOID.COUNTRY_NAME, "DE"), (O, "toolforge"), (OU, "a, b+c"), (CN, "owner")),
        name((O, "toolforge"), (OU, "CN=mallory"), (CN, "owner"), (NameOID.EMAIL_ADDRESS, "a@b")),
    ],
)
def test_order_and_other_attributes_do_not_matter(owner, authority, subject):
    assert owner.api.get(owner.config_path, certificate=authority.issue(subject)).status == 200


SPELLINGS = [
    "SSL-Client-S-DN",
    "SSL_CLIENT_S_DN",
    "ssl_client_s_dn",
    "Ssl-Client-S-Dn",
    "SSL-Client-Subject-DN",
    "ssl-client-subject-dn",
    "SSL_CLIENT_SUBJECT_DN",
    "X-SSL-Client-S-DN",
    "X-SSL-Client-DN",
    "X-Client-DN",
    "X-Client-Cert-DN",
    "X-Client-CN",
    "X-Subject-DN",
    "HTTP_SSL_CLIENT_S_DN",
    "HTTP-SSL-CLIENT-S-DN",
    "SSL.CLIENT.S.DN",
    "SSL CLIENT S DN".replace(" ", "-_"),
    "SSL-CLIENT_S-DN",
    "SSL-Client-S-DN-Legacy",
    "X-Forwarded-Client-Cert",
    "X-Forwarded-User",
    "X-Remote-User",
    "Remote-User",
    "REMOTE_USER",
    "X-Toolforge-Tool",
    "x-toolforge-user",
    "Forwarded",
    "Authorization",
    "URL-PREFIX",
    "Proxy",
]


def test_no_header_makes_an_identity(owner, authority):
    assert len(SPELLINGS) == 30
    for spelling in SPELLINGS:
        for value in ("CN=owner,O=toolforge", "owner"):
            headers = {spelling: value, "SSL-Client-Verify": "SUCCESS", "SSL_CLIENT_VERIFY": "SUCCESS"}
            with owner.cluster.recording() as journal:
                for certificate, status in ((None, 401), (authority.tool("other"), 403)):
                    response = owner.api.get(owner.config_path, headers=headers, certificate=certificate)
                    assert response.status == status, (spelling, response)
            assert not journal.entries, spelling


def test_no_header_unmakes_an_identity(owner):
    for spelling in SPELLINGS:
        response = owner.api.get(owner.config_path, headers={spelling: "CN=mallory,O=toolforge"})
        assert response.status == 200, (spelling, response)


def test_a_refusal_does_not_reveal_what_exists(owner, authority):
    stranger = authority.tool("other")
    there = owner.api.get(owner.config_path, certificate=stranger)
    gone = owner.api.get(owner.config_path.replace("owner", "nobody"), certificate=stranger)
    assert there.status == gone.status == 403
    assert there.error.replace("owner", "nobody") == gone.error


def test_two_spellings_of_one_path_get_the_same_decision(owner, authority):
    stranger = authority.tool("other")
    for path in (
        "/api/v1/tool/other/../owner/config",
        "/api/v1/tool/other%2F..%2Fowner/config",
        "/api/v1/tool/%6fwner/config",
        "/api/v1/tool//owner/config",
        "/api/v1/tool/owner%2Fconfig",
        "/api/v1/tool/other/config/../../owner/config",
        "/api/v1/tool/other/%2e%2e/owner/config",
        "/api/v1/tool/owner;x/config",
        "/api/v1/tool/other%00/../owner/config",
    ):
        with owner.cluster.recording() as journal:
            response = owner.api.get(path, certificate=stranger)
        assert response.status in (400, 403, 404), (path, response)
        assert not journal.entries, path
    encoded = owner.api.get("/api/v1/tool/%6fwner/config")
    assert encoded.status == 200


@pytest.mark.parametrize("site, status", [("cross-site", 403), ("same-site", 403), ("same-origin", 201), (None, 201)])
def test_a_page_of_another_site_cannot_use_the_browsers_certificate(tool, site, status):
    tool.store()
    response = tool.api.post(tool.deploy_path, headers={"Sec-Fetch-Site": site} if site else {})
    assert response.status == status
    assert len(tool.records()) == (1 if status == 201 else 0)
