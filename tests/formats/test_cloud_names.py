from __future__ import annotations

import pytest

from sessiondoctor.formats.cloud_names import operator_of


@pytest.mark.parametrize(
    ("name", "kind", "operator"),
    [
        ("shop-123.eu-west-1.elb.amazonaws.com", "aws-alb", "AWS Elastic Load Balancing"),
        ("dualstack.shop-123.eu-west-1.elb.amazonaws.com.", "aws-alb", "AWS Elastic Load Balancing"),
        ("D111111abcdef8.CloudFront.net", "cloudfront", "Amazon CloudFront"),
        ("shop.azurewebsites.net", "azure", "Azure App Service"),
        ("www.shop.example.com.cdn.cloudflare.net", "cloudflare", "Cloudflare"),
        ("ghs.googlehosted.com", "gclb", "Google"),
        ("e1234.dsca.akamaiedge.net", "akamai", "Akamai"),
        ("shop.example.com", "", ""),
        ("notcloudfront.net", "", ""),
        ("cloudfront.net.example.com", "", ""),
        ("", "", ""),
    ],
)
def test_whose_balancer_a_name_leads_to(name: str, kind: str, operator: str) -> None:
    """By its suffix, at a label's border, in any case, with or without the final dot."""
    assert operator_of(name) == (kind, operator)
