"""Sends requests through the real filters of oslo.middleware and PasteDeploy.

Reads JSON lines {"filter": name, "conf": {key: value}, "sections": {section:
{key: value}}, "request": {"method", "path", "headers"}, "inner": {"status",
"headers"}}, and answers each with {"status", "headers", "body"}. The application
inside answers with inner's status and headers, and a body that tells what the
filters have made of the request.

    /usr/bin/python3 oracle.py < requests > answers

needs Debian's python3-oslo.middleware and python3-pastedeploy.
"""

import json
import logging
import sys
import tempfile
import warnings

from oslo_config import cfg
import oslo_middleware.cors
import oslo_middleware.healthcheck
import oslo_middleware.http_proxy_to_wsgi
import oslo_middleware.ssl
import paste.deploy.config
import webob

warnings.simplefilter("ignore")
logging.disable()


def inner(answer):
    def app(environ, start_response):
        text = " ".join(
            [
                environ["wsgi.url_scheme"],
                environ["HTTP_HOST"],
                environ["REMOTE_ADDR"],
                environ["SCRIPT_NAME"],
                environ["PATH_INFO"],
            ]
        )
        headers = [(name, value) for name, value in answer.get("headers", {}).items()]
        response = webob.Response(status=answer.get("status", 200), charset="UTF-8")
        response.headers.update(headers)
        response.text = text
        return response(environ, start_response)

    return app


def config(sections):
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as f:
        for section, keys in sections.items():
            f.write("[%s]\n" % section)
            for key, value in keys.items():
                f.write("%s = %s\n" % (key, value))
        f.flush()
        conf = cfg.ConfigOpts()
        conf([], default_config_files=[f.name])
        conf.reload_config_files()
        return conf


def build(case):
    app = inner(case.get("inner", {}))
    conf, name = case.get("conf", {}), case["filter"]
    if name == "prefix":
        return paste.deploy.config.make_prefix_middleware(app, {}, **conf)
    if name == "healthcheck":
        return oslo_middleware.healthcheck.Healthcheck.app_factory({}, **conf)
    kinds = {
        "cors": oslo_middleware.cors.CORS,
        "http_proxy": oslo_middleware.http_proxy_to_wsgi.HTTPProxyToWSGI,
        "ssl": oslo_middleware.ssl.SSLMiddleware,
    }
    if "sections" in case:
        return kinds[name](app, config(case["sections"]))
    return kinds[name](app, conf)


def main():
    for line in sys.stdin:
        case = json.loads(line)
        request = webob.Request.blank(case["request"]["path"], method=case["request"]["method"])
        request.environ["REMOTE_ADDR"] = "192.0.2.1"
        request.host = "example.com"
        for key, value in case["request"].get("headers", {}).items():
            request.headers[key] = value
        response = request.get_response(build(case))
        wanted = ("vary", "content-type")
        headers = {
            name.title(): value
            for name, value in response.headers.items()
            if name.lower() in wanted or name.lower().startswith("access-control-")
        }
        print(json.dumps({"status": response.status_code, "headers": headers, "body": response.text}, sort_keys=True))


if __name__ == "__main__":
    main()
