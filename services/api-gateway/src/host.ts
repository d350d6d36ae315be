/** Tells whether this names one host, perhaps with a port: RFC 3986, without user information, comma or space. */
export const isHost = (text: string): boolean => hostForm.test(text)

const hostForm = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~%!$&'()*+;=-]+)(?::\d{1,5})?$/
