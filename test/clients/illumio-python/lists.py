"""Lists beyond the 500 rows of a plain GET, and callers who may not see them."""

from story import arguments, client, refusal, step

COUNT = 510

args = arguments()
pce = client(args)

with step('fill a list') as facts:
    for number in range(COUNT):
        pce.labels.create({'key': 'app', 'value': 'app {:03}'.format(number)})
    pce.container_clusters.create({'name': 'python'})
    pce.container_clusters.create({'name': 'python too'})
    facts['created'] = COUNT

with step('ask for no row, and the total') as facts:
    response = pce.get('/labels', params={'max_results': 0})
    facts['rows'] = response.json()
    facts['total'] = response.headers['X-Total-Count']
    facts['content_type'] = response.headers['Content-Type']

with step('get the list') as facts:
    facts['rows'] = len(pce.labels.get())

with step('get all of the list') as facts:
    labels = pce.labels.get_all()
    facts['rows'] = len(labels)
    facts['hrefs'] = len({one.href for one in labels})
    facts['filtered'] = [one.value for one in pce.labels.get_all(params={'value': 'app 50'})]
    facts['clusters'] = [one.name for one in pce.container_clusters.get_all()]

with step('get the list through a job') as facts:
    facts['same'] = pce.labels.get_async() == labels
    facts['filtered'] = [one.value for one in pce.labels.get_async(params={'value': 'app 00', 'key': 'app'})]

with step('get one by its name') as facts:
    facts['name'] = pce.container_clusters.get_by_name('python too').name
    facts['no_such_name'] = pce.container_clusters.get_by_name('perl')

with step('come with a wrong secret') as facts:
    stranger = client(args, secret='0' * 64)
    facts['get'] = refusal(stranger.container_clusters.get)
    facts['create'] = refusal(stranger.container_clusters.create, {'name': 'not mine'})

with step('come to another organisation') as facts:
    visitor = client(args, org='10')
    facts['get'] = refusal(visitor.labels.get)
    facts['create'] = refusal(visitor.labels.create, {'key': 'role', 'value': 'not mine'})

with step('come without trust in the certificate') as facts:
    facts['get'] = refusal(client(args, verify=True).labels.get) if args.url.startswith('https') else None

with step('see that nothing came of all that') as facts:
    facts['clusters'] = [one.name for one in pce.container_clusters.get()]
    facts['total'] = pce.get('/labels', params={'max_results': 0}).headers['X-Total-Count']
