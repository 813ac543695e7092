
(() => {
  "use strict";
  {% include "report_elements.js" %}
  {% include "report_pictures.js" %}
  {% include "report_gallery.js" %}
  {% include "report_thresholds.js" %}
  startPictures();
  startGallery();
  startThresholds();
  document.documentElement.dataset.report = "true";
})();
