"""A cluster, its Default Profile and a profile of its own, from the first to the last request."""

from illumio import ContainerCluster, ContainerWorkloadProfile, Label, LabelRestriction, Reference

from story import arguments, client, refusal, step

args = arguments()
pce = client(args)

with step('create a cluster') as facts:
    cluster = pce.container_clusters.create(ContainerCluster(name='python', description='from the client'))
    facts['cluster'] = cluster

with step('create a cluster without a name') as facts:
    facts['refusal'] = refusal(pce.container_clusters.create, ContainerCluster(description='no name'))

with step('get the cluster by its href') as facts:
    facts['cluster'] = pce.container_clusters.get_by_reference(cluster)

with step('get the cluster by its name') as facts:
    pce.container_clusters.create({'name': 'python too'})
    facts['href'] = pce.container_clusters.get_by_name('python').href
    facts['part_of_a_name'] = pce.container_clusters.get_by_name('pyth')

with step('list the clusters') as facts:
    facts['names'] = [one.name for one in pce.container_clusters.get()]
    facts['named'] = [one.name for one in pce.container_clusters.get(params={'name': 'too', 'max_results': 5})]

with step('read the Default Profile') as facts:
    profiles = pce.container_workload_profiles.get(parent=cluster)
    default = profiles[0]
    facts['profiles'] = profiles

with step('create labels') as facts:
    web = pce.labels.create(Label(key='role', value='Web'))
    prod = pce.labels.create(Label(key='env', value='Production'))
    test = pce.labels.create(Label(key='env', value='Test'))
    facts['labels'] = [[one.href, one.key, one.value] for one in (web, prod, test)]

with step('create a label a second time') as facts:
    facts['refusal'] = refusal(pce.labels.create, Label(key='role', value='Web'))

with step('assign labels in the Default Profile') as facts:
    pce.container_workload_profiles.update(default, ContainerWorkloadProfile(
        managed=True,
        enforcement_mode='visibility_only',
        labels=[LabelRestriction(key='role', assignment=web), LabelRestriction(key='env', assignment=prod)],
    ))
    facts['profile'] = pce.container_workload_profiles.get_by_reference(default)

with step('find the profile by its labels') as facts:
    found = pce.container_workload_profiles.get(
        parent=cluster, params={'managed': 'true', 'assign_labels': '[["{}","{}"]]'.format(web.href, prod.href)}
    )
    facts['hrefs'] = [one.href for one in found]

with step('restrict and exclude labels in the Default Profile') as facts:
    pce.container_workload_profiles.update(default, ContainerWorkloadProfile(labels=[
        LabelRestriction(key='role', assignment=Reference()),
        LabelRestriction(key='env', restriction=[prod, test]),
        LabelRestriction(key='app', restriction=[]),
    ]))
    facts['profile'] = pce.container_workload_profiles.get_by_reference(default)

with step('assign labels as older clients do') as facts:
    pce.container_workload_profiles.update(default, ContainerWorkloadProfile(assign_labels=[web]))
    facts['profile'] = pce.container_workload_profiles.get_by_reference(default)

with step('delete a label that is assigned') as facts:
    facts['refusal'] = refusal(pce.labels.delete, web)

with step('create a profile') as facts:
    profile = pce.container_workload_profiles.create(
        ContainerWorkloadProfile(name='payments', description='for later', managed=True, enforcement_mode='full'),
        parent=cluster,
    )
    facts['profile'] = profile

with step('update the profile') as facts:
    pce.container_workload_profiles.update(profile, {'name': 'payments 2', 'visibility_level': 'flow_drops'})
    facts['profile'] = pce.container_workload_profiles.get_by_reference(profile.href)

with step('send back the profile as it was read') as facts:
    read = pce.container_workload_profiles.get_by_reference(profile)
    facts['refusal'] = refusal(pce.container_workload_profiles.update, read, read)

with step('delete the profile') as facts:
    pce.container_workload_profiles.delete(profile)
    facts['refusal'] = refusal(pce.container_workload_profiles.get_by_reference, profile)
    facts['left'] = [one.name for one in pce.container_workload_profiles.get(parent=cluster)]

with step('delete the Default Profile') as facts:
    facts['refusal'] = refusal(pce.container_workload_profiles.delete, default)

with step('update the cluster') as facts:
    pce.container_clusters.update(cluster, {'description': 'changed'})
    facts['cluster'] = pce.container_clusters.get_by_reference(cluster)

with step('delete the cluster') as facts:
    pce.container_clusters.delete(cluster)
    facts['get'] = refusal(pce.container_clusters.get_by_reference, cluster)
    facts['get_profile'] = refusal(pce.container_workload_profiles.get_by_reference, default)
    facts['put'] = refusal(pce.container_clusters.update, cluster, {'description': 'gone'})
    facts['delete'] = refusal(pce.container_clusters.delete, cluster)
    facts['by_name'] = pce.container_clusters.get_by_name('python')

with step('delete the label that was assigned') as facts:
    pce.labels.delete(web)
    facts['label'] = pce.labels.get_by_reference(web)
    facts['listed'] = [one.value for one in pce.labels.get(params={'key': 'role'})]
