"""Whose balancer or CDN a canonical name belongs to, by the suffixes that its operator gives out."""

from __future__ import annotations

from typing import Final

# Suffix, and the topology's word for such a balancer with the operator's own. Longer suffixes first.
# Sources: the operators' documentation of the host names that users point a CNAME to.
_SUFFIXES: Final = (
    ("elb.amazonaws.com", "aws-alb", "AWS Elastic Load Balancing"),
    ("elb.amazonaws.com.cn", "aws-alb", "AWS Elastic Load Balancing"),
    ("awsglobalaccelerator.com", "other", "AWS Global Accelerator"),
    ("elasticbeanstalk.com", "aws-alb", "AWS Elastic Beanstalk"),
    ("cloudfront.net", "cloudfront", "Amazon CloudFront"),
    ("azurefd.net", "azure", "Azure Front Door"),
    ("azurewebsites.net", "azure", "Azure App Service"),
    ("trafficmanager.net", "azure", "Azure Traffic Manager"),
    ("cloudapp.azure.com", "azure", "Azure public IP"),
    ("azureedge.net", "azure", "Azure CDN"),
    ("cdn.cloudflare.net", "cloudflare", "Cloudflare"),
    ("fastly.net", "fastly", "Fastly"),
    ("fastlylb.net", "fastly", "Fastly"),
    ("akamaiedge.net", "akamai", "Akamai"),
    ("akamai.net", "akamai", "Akamai"),
    ("edgekey.net", "akamai", "Akamai"),
    ("edgesuite.net", "akamai", "Akamai"),
    ("ghs.googlehosted.com", "gclb", "Google"),
    ("run.app", "gclb", "Google Cloud Run"),
    ("herokudns.com", "other", "Heroku"),
    ("herokuapp.com", "other", "Heroku"),
    ("impervadns.net", "cdn", "Imperva"),
    ("incapdns.net", "cdn", "Imperva"),
)


def operator_of(name: str) -> tuple[str, str]:
    """The kind of balancer, in the topology's words, and whose it is; both empty for a name of nobody we know."""
    plain = name.rstrip(".").lower()
    return next(
        ((kind, operator) for suffix, kind, operator in _SUFFIXES if plain == suffix or plain.endswith(f".{suffix}")),
        ("", ""),
    )
