"""Formats of ASP.NET and ASP.NET Core: what a small file of each says."""

from __future__ import annotations

from typing import Any

import pytest

from sessiondoctor.evidence.configs.fact import CookieRule
from tests.configs.build import configs

Read = tuple[str, str, str, dict[str, Any]]
MADE = '<machineKey validationKey="AutoGenerate,IsolateApps" decryptionKey="AutoGenerate,IsolateApps"/>'
FORMS = '<system.web>\n<authentication mode="Forms"><forms loginUrl="~/Login" timeout="60"/></authentication>\n</system.web>'
SETTINGS = (
    '{"ConnectionStrings": {"Redis": "cache:6379,password=pw12345,defaultDatabase=2"}, "Jwt": {"Key": "pw12345"}}'
)
PROGRAM = """var builder = WebApplication.CreateBuilder(args);
builder.Services.AddStackExchangeRedisCache(o => { o.Configuration = "cache:6379,password=pw12345"; o.InstanceName = "shop:"; });
builder.Services.AddSession(options => {
    options.IdleTimeout = TimeSpan.FromMinutes(20);
    options.Cookie.Name = ".Shop"; // .Old
    options.Cookie.SecurePolicy = CookieSecurePolicy.Always;
});
builder.Services.AddDataProtection()
    .PersistKeysToFileSystem(new DirectoryInfo(@"/keys"))
    .SetApplicationName("shop");
var app = builder.Build();
{0}
app.UseAuthentication();
app.UseSession();
app.Run();
"""
BARE = "var builder = WebApplication.CreateBuilder(args);\nbuilder.Services.AddRazorPages();\nvar app = builder.Build();\napp.UseAuthentication();\napp.Run();\n"

READS: list[Read] = [
    ("aspnet", MADE, "secrets", {"use": "view-state", "origin": "absent", "variable": "machineKey"}),
    ("aspnet", '<machineKey validationKey="AA" decryptionKey="BB" validation="SHA1"/>', "secrets", {"origin": "literal"}),
    ("aspnet", '<machineKey validationKey="AA" decryptionKey="BB" validation="SHA1"/>', "settings", {"name": "validation", "value": "SHA1"}),
    ("aspnet", FORMS, "secrets", {"origin": "absent"}),
    ("aspnet", FORMS, "session_idles", {"seconds": 3600.0, "setting": "forms timeout"}),
    ("aspnet", "<sessionState/>", "session_stores", {"place": "memory", "default": True}),
    ("aspnet", '<sessionState mode="InProc" timeout="20"/>', "session_idles", {"seconds": 1200.0}),
    ("aspnet", '<sessionState mode="StateServer" stateConnectionString="tcpip=10.0.0.5:42424"/>', "session_stores", {"place": "other", "endpoint": "10.0.0.5:42424"}),
    ("aspnet", '<sessionState mode="SQLServer" sqlConnectionString="Data Source=db1;User ID=u;Password=pw12345;Initial Catalog=s"/>', "session_stores", {"place": "sql", "endpoint": "db1/s"}),
    ("aspnet", '<sessionState mode="Custom">\n<providers><add type="Microsoft.Web.Redis.RedisSessionStateProvider" host="cache" port="6380" accessKey="pw12345" applicationName="shop"/>', "session_stores", {"place": "redis", "endpoint": "cache:6380", "prefix": "shop"}),
    ("aspnet", '<httpCookies requireSSL="true" sameSite="None" domain=".shop.test"/>', "session_cookies", {"cookie": CookieRule(name="ASP.NET_SessionId", secure=True, same_site="none", domain=".shop.test")}),
    ("appsettings", SETTINGS, "session_stores", {"place": "redis", "endpoint": "cache:6379", "database": "2", "role": "unknown"}),
    ("appsettings", SETTINGS, "secrets", {"use": "token", "origin": "literal", "variable": "Jwt.Key"}),
    ("aspnetcore", PROGRAM, "session_stores", {"place": "redis", "endpoint": "cache:6379", "prefix": "shop:", "role": "session"}),
    ("aspnetcore", PROGRAM, "session_idles", {"seconds": 1200.0, "setting": "IdleTimeout"}),
    ("aspnetcore", PROGRAM, "session_cookies", {"cookie": CookieRule(name=".Shop", secure=True)}),
    ("aspnetcore", PROGRAM, "secrets", {"use": "data-protection", "origin": "file", "variable": "PersistKeysToFileSystem"}),
    ("aspnetcore", PROGRAM, "settings", {"name": "SetApplicationName", "value": "shop"}),
    ("aspnetcore", PROGRAM, "proxy_trusts", {"trusts": False, "setting": "UseForwardedHeaders"}),
    ("aspnetcore", PROGRAM.replace("{0}", "app.UseForwardedHeaders();"), "proxy_trusts", {"trusts": True}),
    ("aspnetcore", "app.UseAuthentication();\napp.UseForwardedHeaders();\n", "proxy_trusts", {"trusts": False, "setting": "UseForwardedHeaders after UseAuthentication"}),
    ("aspnetcore", "services.AddDataProtection();", "secrets", {"origin": "absent", "variable": "AddDataProtection"}),
    ("aspnetcore", "services.AddDataProtection();", "settings", {"name": "SetApplicationName", "value": ""}),
    ("aspnetcore", BARE, "secrets", {"use": "data-protection", "origin": "absent"}),
    ("aspnetcore", "services.AddDistributedMemoryCache();\nservices.AddSession();\n", "session_stores", {"place": "memory", "role": "session"}),
    ("aspnetcore", "services.AddDistributedMemoryCache();\n", "session_stores", {"place": "memory", "role": "cache"}),
]  # fmt: skip


@pytest.mark.parametrize("case", READS, ids=[f"{case[0]}-{number}" for number, case in enumerate(READS)])
def test_what_a_file_says(case: Read) -> None:
    """Recognised by content alone, and read."""
    format_, text, kind, expected = case
    found = configs(text)
    assert [file.format for file in found.files] == [format_]
    assert expected in [{name: getattr(one, name) for name in expected} for one in getattr(found, kind)]
    assert "pw12345" not in repr(found)


def test_one_machine_key_has_one_fingerprint() -> None:
    """Whatever else the files say, and in whatever case the keys are written."""
    one = '<machineKey validationKey="AA" decryptionKey="BB"/>'
    found = configs(one, one.replace("AA", "aa"), one.replace("BB", "CC"))
    first, second, third = found.secrets
    assert first.print == second.print != third.print


def test_a_comment_is_not_said() -> None:
    """`//` within a text is none."""
    code = '// services.AddDistributedMemoryCache();\nvar url = "http://x"; services.AddSession();\n/* .AddDataProtection() */\n'
    found = configs(code)
    assert not found.session_stores
    assert not found.secrets
    assert [cookie.at.line for cookie in found.session_cookies] == [2]
