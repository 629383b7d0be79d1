<?php
// The few functions of WordPress that the plugin calls, and the web server's part with addresses.
define('HOUR_IN_SECONDS', 3600);
define('LEADSMENT_SECRET', getenv('LEADSMENT_SECRET'));
$_SERVER['REMOTE_ADDR'] = $_SERVER['HTTP_X_SIMULATED_ADDRESS'] ?? $_SERVER['REMOTE_ADDR'];
$actions = [];

function add_action($name, $action) {
    $GLOBALS['actions'][] = $action;
}

function get_transient($name) {
    return false;
}

function set_transient($name, $value, $seconds) {
    return true;
}

function wp_remote_get($url, $sent) {
    return wp_remote('GET', $url, $sent);
}

function wp_remote_post($url, $sent) {
    return wp_remote('POST', $url, $sent);
}

function wp_remote($method, $url, $sent) {
    $lines = ['User-Agent: ' . ($sent['user-agent'] ?? 'WordPress')];
    foreach ($sent['headers'] ?? [] as $name => $value) {
        $lines[] = "$name: $value";
    }
    $http = ['method' => $method, 'header' => $lines, 'content' => $sent['body'] ?? '', 'ignore_errors' => true, 'timeout' => 5];
    $body = @file_get_contents($url, false, stream_context_create(['http' => $http]));
    return ['body' => $body, 'headers' => $http_response_header ?? []];
}

function wp_remote_retrieve_response_code($answer) {
    return $answer['headers'] ? (int) explode(' ', $answer['headers'][0])[1] : '';
}

function wp_remote_retrieve_body($answer) {
    return $answer['body'];
}

function wp_remote_retrieve_header($answer, $name) {
    foreach ($answer['headers'] as $line) {
        if (stripos($line, "$name:") === 0) {
            return trim(substr($line, strlen($name) + 1));
        }
    }
    return '';
}

require getenv('PLUGIN');
foreach ($actions as $action) {
    $action();
}
http_response_code(404);
echo 'elsewhere';
