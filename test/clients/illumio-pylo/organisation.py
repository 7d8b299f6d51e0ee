"""Writes an organisation's objects, loads them all, asks for some, and takes them away."""

import illumio_pylo as pylo
from illumio_pylo.WorkloadStoreSubClasses import UnmanagedWorkloadDraft

from story import arguments, connector, loaded, pair, refusal, step

args = arguments()
con = connector(args)
DRAFT = '/sec_policy/draft'


def names(objects):
    return [one.name for one in objects]


def shown(workload):
    return {key: label.name for key, label in sorted(workload.get_labels_dict().items())}


def found(**filters):
    return sorted(one['hostname'] for one in con.objects_workload_get(**filters))


with step('connect') as facts:
    facts['version'] = con.get_software_version().generate_str_from_numbers()
    facts['string'] = con.get_software_version_string()
    facts['wrong_secret'] = refusal(connector(args, secret='wrong').get_software_version)
    facts['another_organisation'] = refusal(connector(args, org=999999).objects_label_get)
    facts['health'] = [one.status_is_ok() for one in con.cluster_health_get(return_object=True).values()]

with step('load an organisation that has nothing') as facts:
    org = loaded(con)
    facts['dimensions'] = org.LabelStore.label_types
    facts['iplists'] = names(org.IPListStore.iplists)
    facts['services'] = names(org.ServiceStore.services)
    facts['any'] = con.objects_iplists_get_default_any()

with step('make labels') as facts:
    labels = org.LabelStore
    web, cache, shop, prod, cloud, spare = (
        labels.api_create_label(value, key)
        for value, key in (
            ('Web', 'role'), ('Cash', 'role'), ('Shop', 'app'), ('Prod', 'env'), ('Cloud', 'loc'), ('Spare', 'loc')
        )
    )
    con.objects_label_update(cache.href, {'value': 'Cache'})
    facts['values'] = sorted(one['value'] for one in con.objects_label_get())
    # The client makes no label groups, services or virtual services by calls of their own.
    group = con.do_post_call(DRAFT + '/label_groups', {'name': 'Front', 'key': 'role', 'labels': [{'href': web.href}]})
    con.objects_labelgroup_update(group['href'], {'labels': [{'href': web.href}, {'href': cache.href}]})

with step('make an IP list, services and a security principal') as facts:
    office = con.objects_iplist_create({
        'name': 'office', 'description': 'of the office', 'ip_ranges': [
            {'from_ip': '192.0.2.0/24'}, {'from_ip': '198.51.100.1', 'to_ip': '198.51.100.9'},
            {'from_ip': '192.0.2.128/25', 'exclusion': True},
        ],
    })
    https = con.do_post_call(DRAFT + '/services', {
        'name': 'https', 'service_ports': [{'port': 443, 'proto': 6}, {'port': 8000, 'to_port': 8080, 'proto': 6}],
    })
    spare_service = con.do_post_call(DRAFT + '/services', {'name': 'spare', 'service_ports': [{'proto': 47}]})
    con.do_post_call(DRAFT + '/virtual_services', {
        'name': 'front', 'apply_to': 'host_only', 'labels': [{'href': prod.href}],
        'service_ports': [{'port': 80, 'proto': 6}],
    })
    facts['principal'] = con.objects_securityprincipal_create(name='staff', sid='S-1-5-21-1-2-3-4')
    principal = facts['principal']

with step('make workloads') as facts:
    one = UnmanagedWorkloadDraft(
        org.WorkloadStore, hostname='db-1.example.com', ip_single_or_list=['10.1.0.1', '2001:db8::1'],
        labels=[web, shop, prod, cloud]
    ).create_in_pce()
    facts['one'] = {'name': one.get_name(), 'interfaces': one.interfaces_to_string(), 'labels': shown(one)}
    many = pylo.WorkloadStore.UnmanagedWorkloadDraftMultiCreatorManager(org.WorkloadStore)
    for number in range(1, 6):
        draft = many.new_draft(external_tracker_id=number)
        draft.hostname = 'bulk-{}.example.com'.format(number)
        draft.add_interface('10.2.0.{}'.format(number))
        # The third has a label that nobody has made.
        draft.set_label(cache if number != 3 else pylo.Label('None', '/orgs/1/labels/999999', 'role', labels))
    created = many.create_all_in_pce(amount_created_per_batch=2)
    facts['created'] = [[each.external_tracker_id, each.success, each.message] for each in created]

with step('pair a fleet of nodes') as facts:
    fleet = pair(args, *('node-{}.example.com'.format(number) for number in (1, 2, 3, 4)))
    org = loaded(con)
    labels = org.LabelStore
    nodes = [org.WorkloadStore.find_by_href_or_die(href) for href in fleet]
    facts['managed'] = [not node.unmanaged for node in nodes]
    facts['online'] = [node.online for node in nodes]
    facts['mode'] = nodes[0].get_status_string()
    facts['status'] = nodes[0].ven_agent.status
    facts['agent'] = nodes[0].ven_agent.href
    facts['agents'] = org.AgentStore.count_agents()
    facts['version'] = nodes[0].ven_agent.software_version.version_string
    facts['beats'] = nodes[0].ven_agent.get_last_heartbeat_date() is not None

with step('change workloads in bulk') as facts:
    store = org.WorkloadStore
    changed = [
        store.find_workload_matching_hostname('bulk-{}.example.com'.format(number)) for number in (1, 2, 4)
    ] + nodes[:2]
    manager = pylo.WorkloadApiUpdateStackExecutionManager(org)
    for workload in changed:
        workload.api_stacked_updates_start()
        workload.api_update_labels([labels.find_by_href(label.href) for label in (web, prod)])
        workload.api_update_description('changed')
        manager.add_workload(workload)
    changed[0].api_update_hostname('renamed.example.com')
    # What a VEN says, nobody else may say.
    changed[-1].api_update_hostname('no.example.com')
    manager.push_all(amount_per_batch=3)
    facts['results'] = [[each.successful, each.message] for each in manager.get_all_results()]
    single = store.find_workload_matching_hostname('bulk-5.example.com')
    single.api_update_forced_name('fifth')

with step('write rules') as facts:
    find = labels.find_by_href
    ruleset = org.RulesetStore.api_create_ruleset(
        'shop', find(shop.href), find(prod.href), find(cloud.href), 'of the shop'
    )
    con.objects_ruleset_update(ruleset.href, {'name': 'shop rules'})
    ruleset.api_set_description('changed')
    everyone = org.IPListStore.find_by_href(con.objects_iplists_get_default_any())
    # What the client has no words for it lets through as it is.
    rule = ruleset.api_create_rule(
        intra_scope=True, providers=[find(web.href), find(group['href'])],
        consumers=[{'actors': 'ams'}, {'workload': {'href': nodes[0].href}}],
        services=[{'href': https['href']}, pylo.DirectServiceInRule.create_from_text('udp/53')],
        consuming_security_principals=[{'href': principal}], resolve_providers_as_virtual_services=False,
        description='first',
    )
    rule.api_set_description('the first')
    rule.services.add_direct_service(pylo.DirectServiceInRule(6, 9000, 9010))
    con.objects_rule_update(rule.href, {'ingress_services': rule.services.get_api_json_payload()})
    other = ruleset.api_create_rule(
        intra_scope=False, providers=[find(cache.href)],
        consumers=[everyone, org.IPListStore.find_by_href(office['href'])], services=[pylo.DirectServiceInRule(6, 443)],
    )
    facts['rules'] = ruleset.count_rules()
    spare_rule = ruleset.api_create_rule(
        intra_scope=True, providers=[find(web.href)], consumers=[find(web.href)],
        services=[pylo.DirectServiceInRule(6, 22)],
    )
    ruleset.api_delete_rule(spare_rule)
    spare_ruleset = org.RulesetStore.api_create_ruleset('spare')
    facts['spare'] = spare_ruleset.scopes.has_at_least_one_all_all_all()
    org.RulesetStore.api_delete_ruleset(spare_ruleset)

with step('load the organisation') as facts:
    org = loaded(con)
    facts['labels'] = {workload.hostname: shown(workload) for workload in org.WorkloadStore.workloads}
    facts['names'] = {
        'label groups': [
            [one.name, sorted(names(one.get_members().values()))] for one in org.LabelStore.get_label_groups()
        ],
        'iplists': [[one.name, sorted(one.raw_entries)] for one in org.IPListStore.iplists],
        'services': [[one.name, one.get_entries_str_list()] for one in org.ServiceStore.services],
        'virtual services': names(org.VirtualServiceStore.virtual_services),
        'principals': names(org.SecurityPrincipalStore.itemsByHRef.values()),
    }
    facts['rulesets'] = [
        {
            'name': ruleset.name, 'description': ruleset.description, 'scopes': ruleset.scopes.get_all_scopes_str(),
            'rules': [
                {
                    'description': rule.description, 'intra': rule.is_intra_scope(),
                    'providers': rule.providers.members_to_str(), 'consumers': rule.consumers.members_to_str(),
                    'services': rule.services.members_to_str(),
                    'principals': names(rule.consuming_principals._items.values()),
                    'resolve': [rule.resolve_provider_labels_as, rule.resolve_consumer_labels_as],
                    'deleted': rule.deleted,
                } for rule in ruleset.rules
            ],
        } for ruleset in org.RulesetStore.rulesets
    ]
    facts['stats'] = org.stats_to_str().splitlines()

with step('load it through jobs') as facts:
    plain, jobs = con.get_pce_objects(), con.get_pce_objects(force_async_mode=True)
    facts['rows'] = {kind: len(rows) for kind, rows in jobs.items()}
    facts['same'] = sorted(kind for kind in jobs if jobs[kind] == plain[kind])
    by_jobs = pylo.Organization(1)
    by_jobs.pce_version = con.get_software_version()
    by_jobs.load_from_json(jobs)
    facts['stats'] = by_jobs.stats_to_str().splitlines()

with step('count') as facts:
    facts['counts'] = {kind: con.get_objects_count_by_type(kind) for kind in con.get_all_object_types()}

with step('ask for some workloads') as facts:
    facts['by_name'] = found(filter_by_name='fift')
    facts['by_address'] = found(filter_by_ip='10.1.0.1')
    facts['by_label'] = found(filter_by_label=[[web.href, prod.href]])
    facts['managed'] = found(filter_by_managed=True)
    facts['unmanaged'] = len(found(filter_by_managed=False))
    facts['two'] = len(found(max_results=2))

with step('read VENs') as facts:
    facts['hostnames'] = sorted(one['hostname'] for one in con.objects_ven_get())
    facts['by_label'] = [
        one['hostname'] for one in con.objects_ven_get(filter_by_label=[[web.href]], async_mode=False)
    ]
    facts['labels'] = [
        label['value']
        for one in con.objects_ven_get(async_mode=False, max_results=1, representation='ven_labels')
        for label in one['labels']
    ]

with step('be refused') as facts:
    facts['label'] = refusal(con.objects_label_create, 'web', 'role')
    facts['key'] = refusal(con.objects_label_create, 'x', 'nothing')
    facts['rule'] = refusal(con.objects_rule_create, ruleset.href, True, [], [], [])
    facts['not_there'] = refusal(con.objects_ruleset_delete, '/orgs/1/sec_policy/draft/rule_sets/999999')
    facts['in_use'] = refusal(con.objects_service_delete, https['href'])

with step('delete workloads in bulk') as facts:
    con.do_put_call(
        fleet[3].replace('/workloads/', '/vens/'), {'status': 'suspended'}, include_org_id=False,
        json_output_expected=False
    )
    going = [one for one in org.WorkloadStore.workloads if one.hostname.startswith('bulk-')]
    tracker = con.new_tracker_workload_multi_delete()
    for workload in going:
        tracker.add_workload(workload)
    tracker.add_href(fleet[1])
    tracker.execute()
    facts['first'] = [tracker.count_entries(), tracker.count_errors(), tracker.get_error_by_href(fleet[1])]
    tracker = con.new_tracker_workload_multi_delete()
    for href in (*fleet[1:], one.href):
        tracker.add_href(href)
    tracker.execute(unpair_agents=True)
    facts['second'] = [tracker.count_errors(), tracker.get_error_by_href(fleet[3])]
    facts['vens'] = sorted(one['hostname'] for one in con.objects_ven_get(async_mode=False))
    facts['left'] = found()
    facts['deleted'] = len(con.objects_workload_get(include_deleted=True))
    con.objects_workload_delete(org.WorkloadStore.find_workload_matching_hostname('renamed.example.com').href)

with step('delete labels with a tracker') as facts:
    tracker = con.new_tracker_for_label_multi_deletion()
    for label in (spare, prod):
        tracker.add_label(label.href)
    tracker.execute_deletion()
    facts['errors'] = tracker.get_errors_count()
    facts['spare'] = tracker.get_error(spare.href)
    facts['prod'] = tracker.get_error(prod.href)

with step('delete policy') as facts:
    con.objects_rule_delete(other.href)
    con.objects_ruleset_delete(ruleset.href)
    con.objects_service_delete(spare_service['href'])
    facts['rulesets'] = con.get_objects_count_by_type('rulesets')

with step('read what happened') as facts:
    query = con.new_audit_log_query(max_results=1000)
    query.filters.event_type = 'label.create'
    facts['labels'] = [
        one.raw_json['resource_changes'][0]['resource']['label']['value'] for one in query.execute().results
    ]
    facts['unpaired'] = len(con.audit_log_query(event_type='agents.unpair'))
