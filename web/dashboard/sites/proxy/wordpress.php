<?php
// Leadsment under your own domain: wp-content/mu-plugins/leadsment.php
// In wp-config.php: define('LEADSMENT_SECRET', 'lmsk_...');
// The address is the connection's. Behind a load balancer or Cloudflare, let the web server restore it (mod_remoteip, real_ip).
const LEADSMENT = 'https://leadsment.example';

add_action('muplugins_loaded', function () {
    $called = $_SERVER['REQUEST_METHOD'] . ' ' . strtok($_SERVER['REQUEST_URI'], '?');
    if ($called === 'GET /lm/s.js') {
        leadsment_script();
    } elseif ($called === 'POST /lm/b') {
        leadsment_beacon();
    }
});

function leadsment_script() {
    $script = get_transient('leadsment_script');
    if (!$script) {
        $answer = wp_remote_get(LEADSMENT . '/s.js', ['timeout' => 5]);
        if (wp_remote_retrieve_response_code($answer) !== 200) {
            leadsment_end(503, 'Retry-After: 2');
        }
        $script = wp_remote_retrieve_body($answer);
        set_transient('leadsment_script', $script, HOUR_IN_SECONDS);
    }
    header('Content-Type: text/javascript; charset=utf-8');
    leadsment_end(200, 'Cache-Control: public, max-age=3600', $script);
}

function leadsment_beacon() {
    $body = file_get_contents('php://input', false, null, 0, 2049);
    // What goes on, and nothing else: no cookie, and no Leadsment-Forwarded that a visitor sends to forge an address.
    $headers = ['Leadsment-Forwarded' => leadsment_stated($_SERVER['REMOTE_ADDR'], $body)];
    foreach (['Content-Type', 'HTTP-Origin', 'HTTP-DNT', 'HTTP-Sec-GPC', 'HTTP-Sec-Purpose'] as $name) {
        $value = $_SERVER[strtoupper(strtr($name, '-', '_'))] ?? '';
        if ($value !== '') {
            $headers[str_replace('HTTP-', '', $name)] = $value;
        }
    }
    $agent = $_SERVER['HTTP_USER_AGENT'] ?? '';
    $sent = ['headers' => $headers, 'body' => $body, 'user-agent' => $agent, 'timeout' => 5, 'redirection' => 0];
    $answer = wp_remote_post(LEADSMENT . '/b', $sent);
    $outcome = wp_remote_retrieve_header($answer, 'leadsment-outcome');
    header('Content-Type: application/json');
    leadsment_end(wp_remote_retrieve_response_code($answer) ?: 503, "Leadsment-Outcome: $outcome", wp_remote_retrieve_body($answer));
}

// The visitor's address, signed for this body and the next five minutes.
function leadsment_stated($address, $body) {
    $time = time();
    $hash = hash('sha256', $body);
    $seal = hash_hmac('sha256', "v1\n$time\n$address\n$hash", LEADSMENT_SECRET);
    return "v1 t=$time a=$address b=$hash s=$seal";
}

function leadsment_end($status, $header, $body = '') {
    http_response_code($status);
    header($header);
    exit($body);
}
