// On every page. Everything works without it; it only makes work quicker and safer.
import '@tabler/core/dist/css/tabler.css';
import './app.css';
import './pages.css';
import './forms.css';
import 'htmx.org';
import './ask-first.js';
import './shortcuts.js';
import './submit-once.js';
import './unsaved.js';
import './keep-typing.js';
import './upload.js';
import './folds.js';
import './copy.js';
import './preview.js';
import './pick.js';
import './print.js';
import './elder.js';
