"""Prints, one JSON object a line, what Python makes of formats for wsgi_log_format: the record of TestAccessLogFormats.

    python3 formats.py > formats.jsonl
"""
import json

FIELDS = dict(client_ip='192.0.2.7', client_port='54321', date_time='04/Mar/2026 05:06:07',
              request_line='GET /v2.0/networks HTTP/1.1', status_code=200, body_length=188, wall_seconds=0.0123456)

FORMATS = [
    '%(client_ip)s "%(request_line)s" status: %(status_code)s  len: %(body_length)s time: %(wall_seconds).7f',
    '%(client_ip)s - - [%(date_time)s] "%(request_line)s" %(status_code)s %(body_length)s %(wall_seconds).6f',
    '', 'plain', '100%%', '%%(client_ip)s', '%(client_ip)s:%(client_port)s',
    '%(status_code)d|%(status_code)5d|%(status_code)-5d|%(status_code)05d|%(status_code)+d|%(status_code) d|%(status_code)i',
    '%(body_length)10s|%(body_length)-10s|%(body_length).2s|%(body_length)8.2s|%(body_length).5d|%(body_length)8.5d',
    '%(wall_seconds)s|%(wall_seconds)f|%(wall_seconds).0f|%(wall_seconds)12.4f|%(wall_seconds)-12.4f|%(wall_seconds)012.4f',
    '%(wall_seconds)+.3f|%(wall_seconds)+010.3f|%(wall_seconds)d|%(body_length).1f|%(status_code)f|%(wall_seconds)010s',
    '%(client_ip)20s|%(client_ip)-20s|%(client_ip).5s|%(client_ip)020s|%(client_ip)#s',
    '[%(date_time)s] %(date_time)30s', '%(request_line).20s', '\u00e9\u4e16 %(client_ip)s',
]

for text in FORMATS:
    print(json.dumps({'format': text, 'want': text % FIELDS}))
