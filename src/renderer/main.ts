import { mount } from 'svelte';
import { connect } from './connect.ts';
import App from './app.svelte';
import './styles/tokens.css';
import './styles/base.css';

// The colours of the first frame; the page's own settings follow when they are known.
document.documentElement.dataset['theme'] = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';

mount(App, { target: document.body, props: { client: connect() } });
