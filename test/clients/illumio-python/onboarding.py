"""A whole onboarding: from the check of the connection to a policy that is in force, and everything away again."""

from concurrent.futures import ThreadPoolExecutor

from illumio import (
    AMS,
    ACTIVE,
    ContainerCluster,
    ContainerWorkloadProfile,
    EnforcementBoundary,
    FQDN,
    Interface,
    IPList,
    IPRange,
    Label,
    LabelGroup,
    LabelRestriction,
    LabelSet,
    PairingProfile,
    Rule,
    RuleSet,
    Service,
    ServiceAddress,
    ServiceBinding,
    ServicePort,
    VirtualService,
    Workload,
)
from illumio.util import convert_draft_href_to_active, convert_protocol

from story import arguments, client, refusal, step

SET = 'onboarding'

args = arguments()
pce = client(args)


def external(reference):
    return {'external_data_set': SET, 'external_data_reference': reference}


def found(api, **params):
    """The names of what a list finds."""
    return [one.name for one in api.get(params=params)]


with step('check the connection') as facts:
    facts['own'] = pce.check_connection()
    facts['other'] = client(args, org='10').check_connection()
    facts['wrong_secret'] = client(args, secret='0' * 64).check_connection()
    facts['health'] = [one['status'] for one in pce.get('/health', include_org=False).json()]

with step('make labels') as facts:
    labels = {
        key: pce.labels.create(Label(key=key, value=value, **external(key)))
        for key, value in (('role', 'Web'), ('app', 'Shop'), ('env', 'Test'), ('loc', 'Cloud'))
    }
    role, app, env, loc = (labels[key] for key in ('role', 'app', 'env', 'loc'))
    pce.labels.update(loc, {'value': 'Cloud 2'})
    facts['values'] = [one.value for one in pce.labels.get_all()]
    facts['by_reference'] = pce.labels.get_by_reference(loc.href).value
    facts['of_the_set'] = len(pce.labels.get(params={'external_data_set': SET}))

with step('make a pairing profile and a key') as facts:
    profile = pce.pairing_profiles.create(PairingProfile(
        name='nodes', enabled=True, enforcement_mode='visibility_only', labels=[env, loc],
        key_lifespan=3600, allowed_uses_per_key='unlimited', **external('nodes')
    ))
    facts['profile'] = profile
    facts['key'] = pce.generate_pairing_key(profile.href)
    facts['key_again'] = pce.generate_pairing_key(profile.href)
    pce.pairing_profiles.update(profile, {'description': 'changed', 'key_lifespan': 'unlimited'})
    facts['changed'] = pce.pairing_profiles.get_by_reference(profile)
    facts['by_name'] = pce.pairing_profiles.get_by_name('nodes').href
    facts['names'] = [one.name for one in pce.pairing_profiles.get_all(params={'name': 'nodes'})]

with step('onboard a cluster') as facts:
    cluster = pce.container_clusters.create(ContainerCluster(name='shop', description='of the shop'))
    facts['token'] = cluster.container_cluster_token
    default = pce.container_workload_profiles.get(parent=cluster)[0]
    pce.container_workload_profiles.update(default, {'managed': True, 'enforcement_mode': 'visibility_only'})
    payments = pce.container_workload_profiles.create(ContainerWorkloadProfile(
        name='payments', managed=True, enforcement_mode='full',
        labels=[LabelRestriction(key='role', assignment=role), LabelRestriction(key='env', restriction=[env])],
    ), parent=cluster)
    facts['profiles'] = sorted(one.name for one in pce.container_workload_profiles.get_all(parent=cluster))
    facts['clusters'] = found(pce.container_clusters, name='shop')
    pce.container_workload_profiles.delete(payments)
    pce.container_clusters.update(cluster, {'description': 'changed'})
    facts['description'] = pce.container_clusters.get_by_reference(cluster).description

with step('make workloads') as facts:
    workload = pce.workloads.create(Workload(
        name='web-1', hostname='web-1.example.com', labels=[role, app, env, loc], public_ip='192.0.2.1',
        interfaces=[Interface(name='eth0', address='10.0.0.1', link_state='up')], **external('web-1')
    ))
    facts['workload'] = workload
    pce.workloads.update(workload, {'description': 'changed', 'public_ip': '192.0.2.2'})
    facts['changed'] = pce.workloads.get_by_reference(workload)
    facts['by_name'] = pce.workloads.get_by_name('web-1').href
    facts['found'] = found(pce.workloads, name='WEB')

with step('make, change and delete workloads in bulk') as facts:
    created = pce.workloads.bulk_create([
        Workload(name='web-2', hostname='web-2', **external('web-2')),
        {'name': 'web-3', 'hostname': 'web-3', **external('web-3')},
    ])
    facts['created'] = created
    hrefs = [one['href'] for one in created]
    facts['updated'] = pce.workloads.bulk_update([
        {'href': href, 'enforcement_mode': 'selective'} for href in (workload.href, *hrefs)
    ])
    all_of_them = pce.workloads.get_all(params={'external_data_set': SET})
    facts['names'] = sorted(one.name for one in all_of_them)
    facts['modes'] = [one.enforcement_mode for one in all_of_them]
    facts['refused'] = pce.workloads.bulk_update([{'href': hrefs[0], **external('web-1')}])
    facts['deleted'] = pce.workloads.bulk_delete(hrefs)
    facts['left'] = [one.name for one in pce.workloads.get()]

with step('find what every organisation has') as facts:
    any_ip_list = pce.get_default_ip_list()
    all_services = pce.get_default_service()
    facts['ip_list'] = any_ip_list
    facts['service'] = all_services
    facts['drafts'] = [
        pce.ip_lists.get_by_name(any_ip_list.name).href, pce.services.get_by_name(all_services.name).href
    ]

with step('make services') as facts:
    service = pce.services.create(Service(
        name='web', service_ports=[
            ServicePort(port=443, proto='tcp'), ServicePort(port=8000, to_port=8080, proto='tcp')
        ], **external('web')
    ))
    facts['service'] = service
    ports = [*service.service_ports, ServicePort(port=53, proto='udp')]
    pce.services.update(service, {'service_ports': ports})
    facts['same_ports'] = pce.services.get_by_reference(service).service_ports == ports
    facts['by_port'] = found(pce.services, port=443)
    facts['by_protocol'] = found(pce.services, proto=convert_protocol('udp'))
    facts['active'] = [one.name for one in pce.services.get(policy_version=ACTIVE)]

with step('make an IP list') as facts:
    ip_list = pce.ip_lists.create(IPList(
        name='office', description='of the office',
        ip_ranges=[
            IPRange(from_ip='192.168.0.0/16', description='local'),
            IPRange(from_ip='10.0.0.1', to_ip='10.0.1.255'),
            {'from_ip': '192.168.0.1', 'exclusion': True},
        ],
        fqdns=[FQDN(fqdn='*.example.com', description='ours')], **external('office')
    ))
    facts['ip_list'] = ip_list
    facts['read'] = pce.ip_lists.get_by_reference(ip_list)
    pce.ip_lists.update(ip_list, {'fqdns': []})
    facts['fqdns'] = pce.ip_lists.get_by_reference(ip_list).fqdns
    facts['by_name'] = found(pce.ip_lists, name='off')
    facts['by_address'] = found(pce.ip_lists, ip_address='192.168.0.0/16')

with step('make a label group') as facts:
    group = pce.label_groups.create(LabelGroup(key='role', name='front', labels=[role], **external('front')))
    facts['group'] = group
    cache = pce.labels.create(Label(key='role', value='Cache'))
    pce.label_groups.update(group, {'labels': [*group.labels, cache]})
    facts['labels'] = [one.href for one in pce.label_groups.get_by_reference(group).labels]
    facts['expected'] = [role.href, cache.href]
    facts['by_key'] = found(pce.label_groups, key='role', name='front')

with step('make a virtual service, provision and bind it') as facts:
    virtual_service = pce.virtual_services.create(VirtualService(
        name='shop front', apply_to='host_only', labels=[env, loc],
        service_addresses=[ServiceAddress(fqdn='shop.example.com')],
        service_ports=[ServicePort(port=80, proto='tcp')], **external('shop front')
    ))
    facts['draft'] = virtual_service
    active = convert_draft_href_to_active(virtual_service.href)
    pce.virtual_services.update(virtual_service, {'service_addresses': [{'fqdn': 'localhost.localdomain'}]})
    facts['by_port'] = found(pce.virtual_services, **{'service_ports.port': 80})
    facts['by_address'] = found(pce.virtual_services, **{'service_address.fqdn': 'localhost'})
    facts['before'] = refusal(pce.virtual_services.get_by_reference, active)
    facts['unprovisioned'] = pce.service_bindings.create([
        ServiceBinding(virtual_service=virtual_service, workload=workload)
    ])
    facts['version'] = pce.provision_policy_changes('a virtual service', [virtual_service.href])
    facts['active'] = pce.virtual_services.get_by_reference(active)
    bound = pce.service_bindings.create([ServiceBinding(virtual_service={'href': active}, workload=workload)])
    facts['bound'] = bound
    binding = bound['service_bindings'][0]
    facts['binding'] = pce.service_bindings.get_by_reference(binding).href
    facts['of_the_service'] = [one.href for one in pce.service_bindings.get(params={'virtual_service': active})]

with step('write rules') as facts:
    rule_set = pce.rule_sets.create(RuleSet(
        name='shop', enabled=True, scopes=[LabelSet(labels=[app, env, loc])], **external('shop')
    ))
    facts['rule_set'] = rule_set
    rule = pce.rules.create(Rule.build(
        providers=[role], consumers=[any_ip_list, group],
        ingress_services=[ServicePort(port=443, proto='tcp'), {'port': 8080, 'proto': convert_protocol('tcp')}],
        resolve_providers_as=['workloads'], resolve_consumers_as=['workloads'], unscoped_consumers=True,
    ), parent=rule_set)
    facts['rule'] = rule
    pce.rules.update(rule, {'ingress_services': [{'href': service.href}, {'href': all_services.href}]})
    facts['services'] = [one.href for one in pce.rules.get_by_reference(rule).ingress_services]
    facts['expected'] = [service.href, all_services.href.replace('/active/', '/draft/')]
    facts['rules'] = [one.href for one in pce.rules.get(parent=rule_set)]
    second = pce.rules.create(Rule.build(
        providers=[AMS], consumers=[workload], ingress_services=[all_services]
    ), parent=rule_set)
    pce.rules.delete(second)
    facts['after'] = [one.href for one in pce.rules.get_all(parent=rule_set)]
    pce.rule_sets.update(rule_set, {'description': 'changed'})
    facts['description'] = pce.rule_sets.get_by_reference(rule_set).description
    facts['by_name'] = found(pce.rule_sets, name='shop')

with step('draw an enforcement boundary') as facts:
    boundary = pce.enforcement_boundaries.create(EnforcementBoundary.build(
        name='no RDP', providers=[AMS], consumers=[any_ip_list],
        ingress_services=[service, {'port': 3389, 'proto': convert_protocol('tcp')}],
    ))
    facts['boundary'] = boundary
    services = [*boundary.ingress_services, ServicePort(port=3389, proto='udp')]
    pce.enforcement_boundaries.update(boundary, {'ingress_services': services})
    facts['services'] = len(pce.enforcement_boundaries.get_by_reference(boundary).ingress_services)
    facts['by_name'] = found(pce.enforcement_boundaries, name='RDP')

with step('get every list through a job') as facts:
    lists = {
        'labels': (pce.labels, {}),
        'pairing_profiles': (pce.pairing_profiles, {}),
        'container_clusters': (pce.container_clusters, {}),
        'profiles': (pce.container_workload_profiles, {'parent': cluster}),
        'workloads': (pce.workloads, {'params': {'external_data_set': SET}}),
        'services': (pce.services, {'params': {'name': 'web'}}),
        'ip_lists': (pce.ip_lists, {}),
        'label_groups': (pce.label_groups, {}),
        'virtual_services': (pce.virtual_services, {}),
        'rule_sets': (pce.rule_sets, {}),
        'rules': (pce.rules, {'parent': rule_set}),
        'enforcement_boundaries': (pce.enforcement_boundaries, {}),
    }
    # The client sleeps for each; so all at once.
    with ThreadPoolExecutor(len(lists)) as pool:
        jobs = {name: pool.submit(api.get_async, **how) for name, (api, how) in lists.items()}
    facts['rows'] = {name: len(job.result()) for name, job in jobs.items()}
    facts['same'] = [name for name, (api, how) in lists.items() if api.get(**how) == jobs[name].result()]

with step('read and make what else there is') as facts:
    events = pce.events.get(params={'max_results': 3})
    facts['event'] = [pce.events.get_by_reference(events[0]).href == events[0].href, events[0].event_type]
    facts['vens'] = pce.vens.get()
    principal = pce.security_principals.create({'sid': 'S-1-5-21-1-2-3-500', 'name': 'Administrators'})
    facts['names'] = [one.name for one in pce.security_principals.get_all()]
    pce.security_principals.update(principal, {'name': 'Admins'})
    facts['renamed'] = pce.security_principals.get_by_reference(principal).name
    pce.security_principals.delete(principal)
    facts['left'] = pce.security_principals.get()

drafts = [service, ip_list, group, rule_set, boundary]

with step('provision all that') as facts:
    facts['version'] = pce.provision_policy_changes('all of it', [one.href for one in drafts])
    apis = [pce.services, pce.ip_lists, pce.label_groups, pce.rule_sets, pce.enforcement_boundaries]
    facts['active'] = [api.get_by_name(one.name, policy_version=ACTIVE).href for api, one in zip(apis, drafts)]
    facts['expected'] = [convert_draft_href_to_active(one.href) for one in drafts]
    facts['nothing'] = refusal(pce.provision_policy_changes, 'nothing', [service.href])

with step('be refused what is in use') as facts:
    facts['label'] = refusal(pce.labels.delete, role)
    facts['service'] = refusal(pce.services.delete, service)
    facts['group'] = refusal(pce.label_groups.delete, group)

with step('delete everything') as facts:
    pce.service_bindings.delete(binding)
    facts['binding'] = refusal(pce.service_bindings.get_by_reference, binding)
    pce.rules.delete(rule)
    going = [rule_set, boundary, group, ip_list, service, virtual_service]
    apis = [
        pce.rule_sets, pce.enforcement_boundaries, pce.label_groups, pce.ip_lists, pce.services, pce.virtual_services
    ]
    for api, one in zip(apis, going):
        api.delete(one)
    facts['marked'] = [api.get_by_reference(one).update_type for api, one in list(zip(apis, going))[2:]]
    pce.provision_policy_changes('away with it', [one.href for one in going])
    facts['left'] = [[one.name for one in api.get_all(policy_version=ACTIVE)] for api in apis]
    pce.workloads.delete(workload)
    facts['workload'] = pce.workloads.get_by_reference(workload).deleted
    facts['workload_again'] = refusal(pce.workloads.delete, workload)
    pce.pairing_profiles.delete(profile)
    facts['profiles'] = [one.is_default for one in pce.pairing_profiles.get()]
    pce.container_clusters.delete(cluster)
    for label in (*labels.values(), cache):
        pce.labels.delete(label)
    facts['labels'] = [one.value for one in pce.labels.get()]
    facts['label'] = pce.labels.get_by_reference(role).deleted
