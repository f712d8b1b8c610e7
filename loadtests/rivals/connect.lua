-- Waits for the head of a CONNECT to an IPv4 address, takes it, and answers 200 before it connects.
core.register_action("connect", { "tcp-req" }, function(txn)
  local bytes = txn.req:data()
  while bytes and not bytes:find("\r\n\r\n", 1, true) do
    core.yield()
    bytes = txn.req:data()
  end
  if not bytes then return act.ABORT end
  local host, port = bytes:match("^CONNECT ([%d%.]+):(%d+) HTTP/1%.1\r\n")
  if not host then return act.ABORT end
  txn:set_var("txn.host", host)
  txn:set_var("txn.port", tonumber(port))
  txn.req:remove(0, select(2, bytes:find("\r\n\r\n", 1, true)))
  txn.res:send("HTTP/1.1 200 OK\r\n\r\n")
  return act.CONTINUE
end)
