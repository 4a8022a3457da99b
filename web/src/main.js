// The components that the pages use.
import "./assistant_page.js";
import "./job_page.js";
import "./json_model.js";
import "./problems.js";
import "./recent.js";
import "./upload.js";
import "./upload_page.js";
