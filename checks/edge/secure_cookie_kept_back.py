"""Is it like an application to keep its cookie back because it takes https for plain HTTP?"""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Severity, Topology, Verdicts, Visits, check

SETS_IT_ANYWAY = {
    "django": "Django",
    "flask": "Flask",
    "php": "PHP",
    "laravel": "Laravel",
    "tomcat": "Tomcat",
    "spring": "Spring",
    "jetty": "Jetty",
    "wildfly": "WildFly",
    "weblogic": "WebLogic",
    "websphere": "WebSphere",
}
"""Stacks that set a Secure cookie whatever the scheme of the request is."""


# Of the sites where a cookie is missing for another reason, half are such as well.
@check(severity=Severity.CRITICAL, false_alarm=0.5, shows="no-cookie-handed-out")
def secure_cookie_kept_back(visits: Visits, topology: Topology) -> Verdicts:
    """A site behind TLS offload sets no session cookie.

    Express and Rack set no Secure cookie on a request that they take for plain HTTP. Others always set it; and where
    the site's own URL is plain HTTP, no TLS has been taken off on the way.
    """
    if visits.session_cookie:
        raise NotApplicable("a session cookie is set")
    if visits.captured:
        raise Inconclusive("the capture shows some responses only, and another may set the session cookie")
    stack = topology.site.stack or visits.stack
    if not visits.tls:
        yield Fine("the site's URL is plain HTTP: no TLS ends on the way")
    elif stack in SETS_IT_ANYWAY:
        yield Fine(f"{SETS_IT_ANYWAY[stack]} sets a Secure cookie whatever the scheme is")
    else:
        yield Problem("the site uses https, and no session cookie comes")
