import { mount } from 'svelte';
import App from '../../../../src/renderer/app.svelte';
import '../../../../src/renderer/styles/base.css';
import '../../../../src/renderer/styles/tokens.css';
import { FakeClient, type FakeOptions } from '../fake-service/fake-client.ts';

// The page with a service in itself; its options stand in the address, so that a reload keeps them.
const options = JSON.parse(decodeURIComponent(location.search.slice(1)) || '{}') as FakeOptions;
const client = new FakeClient({ samples: '/samples', ...options });
Object.assign(window, { client });

mount(App, { target: document.body, props: { client } });
