"""Answers for oslo.config: how it reads the cases that the Go test sends.

The first line of standard output says who answers. The first line of standard input lists the options, every other one is a
case: its files, arguments and environment. For each case one line of JSON comes back: the error that ended it, or the value or error of each option.
"""
import contextlib
import io
import json
import logging
import os
import shutil
import sys
import tempfile
from importlib.metadata import version

from oslo_config import cfg
from oslo_config import types

ROOT = '/w'
QUICK = '/dev/shm'  # a file system in memory, where there is one
SEARCH = cfg._get_config_dirs


def make_type(spec):
    kind = spec['kind']
    if kind == 'List':
        return types.List(make_type(spec['item']) if spec.get('item') else None)
    if kind == 'Dict':
        return types.Dict(make_type(spec['item']) if spec.get('item') else None)
    known = {key: spec[key] for key in (
        'min', 'max', 'choices', 'ignore_case', 'max_length', 'regex', 'version', 'schemes') if key in spec}
    return getattr(types, kind)(**known)


def make_option(spec):
    settings = {
        'default': spec.get('default'),
        'secret': spec.get('secret', False),
        'required': spec.get('required', False),
        'short': spec.get('short'),
        'deprecated_opts': [cfg.DeprecatedOpt(name, group=group) for group, name in spec.get('deprecated', [])],
        'deprecated_for_removal': spec.get('obsolete', False),
        'deprecated_reason': spec.get('reason'),
    }
    kind = make_type(spec['type'])
    if spec.get('multi'):
        if settings['default'] is not None:
            settings['default'] = [settings['default']]
        return cfg.MultiOpt(spec['name'], kind, **settings)
    if isinstance(kind, types.Boolean):
        return cfg.BoolOpt(spec['name'], **settings)
    return cfg.Opt(spec['name'], type=kind, **settings)


def register(conf, options, required):
    for spec in options:
        if spec.get('required') and not required:
            continue
        if spec['name'] == 'shell_completion' and hasattr(conf, '_shell_completion_opt'):
            continue
        group = None if spec['group'] == 'DEFAULT' else spec['group']
        conf.register_opt(make_option(spec), group=group, cli=spec.get('cli', False))


def write(root, case):
    for path, text in case.get('files', {}).items():
        path = root + path[len(ROOT):]
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as f:
            f.write(text.encode('utf-8'))


def name(spec):
    return spec['group'] + '.' + spec['name'].replace('-', '_')


def values(conf, options, required):
    found = {}
    for spec in options:
        if spec.get('required') and not required:
            continue
        where = conf if spec['group'] == 'DEFAULT' else conf[spec['group']]
        try:
            found[name(spec)] = {'value': repr(getattr(where, spec['name'].replace('-', '_')))}
        except (Exception, RecursionError) as e:
            found[name(spec)] = {'error': str(e), 'class': type(e).__name__}
    for key in 'config_file', 'config_dir':
        try:
            found['DEFAULT.' + key] = {'value': repr(getattr(conf, key))}
        except (Exception, RecursionError) as e:
            found['DEFAULT.' + key] = {'error': str(e), 'class': type(e).__name__}
    return found


class Lines:
    def __init__(self):
        self.lines = []

    def log(self, level, text, *args):
        self.lines.append(text % args if args else text)


def answer(options, case, root):
    os.chdir(root)
    for variable in [v for v in os.environ if v.startswith('OS_')]:
        del os.environ[variable]
    os.environ.update(case.get('env', {}))
    os.environ['HOME'] = root + '/home'
    cfg._get_config_dirs = lambda project=None: [
        root + d if d == '/etc' or d.startswith('/etc/') else d for d in SEARCH(project)]
    warnings = []
    cfg._report_deprecation = lambda text, args: warnings.append(text % args)
    args = [root if a == ROOT else a.replace(ROOT + '/', root + '/') for a in case.get('args', [])]
    required = case.get('required', False)
    conf = cfg.ConfigOpts()
    register(conf, options, required)
    out, err = io.StringIO(), io.StringIO()
    result = {}
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            conf(args, project='neutron', prog='neutron-server', version='neutron-server 0')
    except SystemExit as e:
        result['exit'] = e.code if e.code is not None else 0
        result['stdout'] = out.getvalue()[:32]
        result['stderr'] = err.getvalue().split('neutron-server: error: ')[-1].rstrip('\n')
    except (Exception, RecursionError) as e:
        result['error'] = str(e)
        result['class'] = type(e).__name__
    else:
        result['values'] = values(conf, options, required)
        result['no_file'] = result['values']['DEFAULT.config_file'].get('value') == '[]'
        result['find'] = {n: conf.find_file(n) for n in case.get('find', [])}
        if not any('error' in v for v in result['values'].values()):
            dump = Lines()
            conf.log_opt_values(dump, logging.DEBUG)
            result['dump'] = [line for line in dump.lines if not line.startswith('config_source ')]
    result['warnings'] = sorted(set(warnings))
    return json.dumps(result).replace(json.dumps(root)[1:-1], ROOT)


def main():
    logging.disable(logging.CRITICAL)
    print(json.dumps({'oslo_config': version('oslo.config'), 'python': list(sys.version_info[:2])}), flush=True)
    options = json.loads(sys.stdin.readline())
    for line in sys.stdin:
        case = json.loads(line)
        root = tempfile.mkdtemp(prefix='oracle', dir=QUICK if os.access(QUICK, os.W_OK) else None)
        try:
            write(root, case)
            print(answer(options, case, root), flush=True)
        finally:
            os.chdir('/')
            shutil.rmtree(root)


main()
