-- MIKEY-SAKKE I_MESSAGEs of mission-critical services (TS 33.180 Annex E; RFC 3830, 6043, 6509) for Wireshark and tshark 4.
--
--   wireshark -X lua_script:watchword-mikey.lua capture.pcap
--   tshark -X lua_script:watchword-mikey.lua -r capture.pcap -Y mikeysakke -O mikeysakke
--
-- or put the file into the plugins folder (Help, About Wireshark, Folders). It takes SIP bodies of type application/mikey,
-- binary or base64, and the key-mgmt attribute of SDP. The fields are those of `watchword mikey decode`: the same identifiers
-- behind "mikeysakke.", the same places, the same values. It needs no keys and verifies nothing.

local mikey = Proto("mikeysakke", "MIKEY-SAKKE I_MESSAGE")

-- Identifier, name, and how Wireshark shows the value.
local definitions = {
  { "hdr.version", "version", "dec" },
  { "hdr.data_type", "data type", "dec" },
  { "hdr.next_payload", "next payload", "dec" },
  { "hdr.v", "V", "dec" },
  { "hdr.prf", "PRF", "dec" },
  { "hdr.csb_id", "CSB ID", "hex" },
  { "hdr.cs_count", "#CS", "dec" },
  { "hdr.map_type", "CS ID map type", "dec" },
  { "cs.id", "CS ID", "dec" },
  { "cs.protocol", "CS protocol", "dec" },
  { "cs.s_flag", "CS S flag", "dec" },
  { "cs.policy_count", "CS #P", "dec" },
  { "cs.policies", "CS policies", "octets" },
  { "cs.data_length", "CS session data length", "dec" },
  { "cs.data", "CS session data", "octets" },
  { "cs.spi_length", "CS SPI length", "dec" },
  { "cs.spi", "CS SPI", "octets" },
  { "cs.policy", "CS policy", "dec" },
  { "cs.ssrc", "CS SSRC", "hex" },
  { "cs.roc", "CS ROC", "dec" },
  { "t.next_payload", "next payload", "dec" },
  { "t.type", "TS type", "dec" },
  { "t.value", "TS value", "hex64" },
  { "rand.next_payload", "next payload", "dec" },
  { "rand.length", "RAND length", "dec" },
  { "rand.value", "RAND", "octets" },
  { "id.next_payload", "next payload", "dec" },
  { "id.role", "role", "dec" },
  { "id.type", "ID type", "dec" },
  { "id.length", "ID length", "dec" },
  { "id.value", "ID", "text" },
  { "id.uid", "UID", "octets" },
  { "sp.next_payload", "next payload", "dec" },
  { "sp.policy", "policy number", "dec" },
  { "sp.protocol", "protocol", "dec" },
  { "sp.length", "length", "dec" },
  { "sp.param_type", "parameter type", "dec" },
  { "sp.param_length", "parameter length", "dec" },
  { "sp.param_value", "parameter value", "octets" },
  { "sakke.next_payload", "next payload", "dec" },
  { "sakke.params", "SAKKE params", "dec" },
  { "sakke.scheme", "ID scheme", "dec" },
  { "sakke.length", "SAKKE data length", "dec" },
  { "sakke.r", "R", "octets" },
  { "sakke.h", "H", "octets" },
  { "ge.next_payload", "next payload", "dec" },
  { "ge.type", "extension type", "dec" },
  { "ge.length", "extension length", "dec" },
  { "ge.data", "extension data", "octets" },
  { "pp.message_type", "message type", "hex" },
  { "pp.time", "date and time", "dec64" },
  { "pp.payload_id", "payload ID", "dec" },
  { "pp.sequence", "payload sequence number", "dec" },
  { "pp.algorithm", "payload algorithm", "dec" },
  { "pp.signalling", "signalling algorithm", "dec" },
  { "pp.iv", "IV", "octets" },
  { "pp.dppk_id", "DPPK-ID", "hex" },
  { "pp.element", "payload element", "hex" },
  { "pp.length", "payload length", "dec" },
  { "pp.cipher_text", "cipher text", "octets" },
  { "pp.tag", "tag", "octets" },
  { "sign.type", "S type", "dec" },
  { "sign.length", "signature length", "dec" },
  { "sign.r", "r", "octets" },
  { "sign.s", "s", "octets" },
  { "sign.pvt", "PVT", "octets" },
  { "sign.value", "signature", "octets" },
  { "err.next_payload", "next payload", "dec" },
  { "err.number", "error number", "dec" },
  { "err.reserved", "reserved", "dec" },
  { "other.next_payload", "next payload", "dec" },
  { "other.type", "type", "dec" },
  { "other.length", "length", "dec" },
  { "other.data", "data", "octets" },
  { "raw", "octets that cannot be told apart", "octets" },
}

local makers = {
  dec = function(name, label) return ProtoField.uint32(name, label, base.DEC) end,
  hex = function(name, label) return ProtoField.uint32(name, label, base.HEX) end,
  dec64 = function(name, label) return ProtoField.uint64(name, label, base.DEC) end,
  hex64 = function(name, label) return ProtoField.uint64(name, label, base.HEX) end,
  octets = function(name, label) return ProtoField.bytes(name, label) end,
  text = function(name, label) return ProtoField.string(name, label, base.UNICODE) end,
}

local fields = {}
for _, definition in ipairs(definitions) do
  local id, label, kind = definition[1], definition[2], definition[3]
  fields[id] = makers[kind]("mikeysakke." .. id, label)
end
mikey.fields = fields

local fault_truncated = ProtoExpert.new(
  "mikeysakke.fault.truncated", "The message ends inside a field", expert.group.MALFORMED, expert.severity.ERROR)
local fault_other = ProtoExpert.new(
  "mikeysakke.fault", "The message cannot be told apart from here on", expert.group.MALFORMED, expert.severity.ERROR)
mikey.experts = { fault_truncated, fault_other }

local payload_names = {
  [0] = "none: last payload", [1] = "KEMAC", [2] = "PKE", [3] = "DH", [4] = "SIGN", [5] = "T", [6] = "ID",
  [7] = "CERT", [8] = "CHASH",
  [9] = "V", [10] = "SP", [11] = "RAND", [12] = "ERR", [13] = "TR", [14] = "IDR", [15] = "RANDR", [16] = "TP", [17] = "TICKET",
  [20] = "key data", [21] = "general extension", [26] = "SAKKE",
}
local purposes = {
  [0] = "GMK, group master key", [1] = "PCK, private call key", [2] = "CSK, client-server key",
  [3] = "SPK, signalling protection key",
  [4] = "MKFC, multicast floor control key", [5] = "MSCCK, MBMS subchannel control key", [6] = "MuSiK, multicast signalling key",
}
local roles = {
  [1] = "IDRi", [2] = "IDRr", [3] = "IDRkms", [4] = "IDRpsk", [5] = "IDRapp", [6] = "IDRkmsi", [7] = "IDRkmsr",
  [8] = "IDRuidi", [9] = "IDRuidr",
}
local meanings = {
  ["hdr.data_type"] = { [26] = "SAKKE I_MESSAGE" },
  ["hdr.v"] = { [0] = "no response asked for", [1] = "response asked for" },
  ["hdr.prf"] = { [1] = "PRF-HMAC-SHA-256" },
  ["hdr.map_type"] = { [0] = "SRTP-ID", [1] = "empty map", [2] = "GENERIC-ID" },
  ["cs.id"] = {
    [0] = "MCPTT private call, initiator", [1] = "MCPTT private call, receiver", [2] = "MCVideo private call, initiator",
    [3] = "MCVideo private call, receiver", [4] = "MCPTT group call", [5] = "MCVideo group call",
    [6] = "MCPTT unicast SRTCP under the CSK",
    [7] = "MCPTT multicast SRTCP under the MuSiK", [8] = "MCVideo unicast SRTCP under the CSK",
    [9] = "MCVideo multicast SRTCP under the MuSiK",
  },
  ["t.type"] = { [0] = "NTP-UTC", [1] = "NTP", [2] = "counter" },
  ["id.role"] = roles,
  ["id.type"] = { [0] = "NAI", [1] = "URI", [2] = "byte string" },
  ["sp.protocol"] = { [0] = "SRTP" },
  ["sp.param_type"] = {
    [0] = "encryption algorithm", [1] = "session encryption key length", [2] = "authentication algorithm",
    [4] = "session salt length",
    [5] = "SRTP PRF", [6] = "key derivation rate", [13] = "ROC transmission rate", [18] = "SRTP authentication tag length",
    [19] = "SRTCP authentication tag length", [20] = "AEAD authentication tag length",
  },
  ["sakke.params"] = { [1] = "parameter set 1" },
  ["sakke.scheme"] = { [1] = "tel URI with monthly keys", [2] = "3GPP MCX hashed UID" },
  ["ge.type"] = { [6] = "SAKKE-to-self", [7] = "key parameters" },
  ["pp.algorithm"] = { [1] = "AEAD_AES_128_GCM" },
  ["sign.type"] = { [2] = "ECCSI" },
}

local Reader = {}
Reader.__index = Reader

function Reader.new(buffer, tree)
  return setmetatable({ buffer = buffer, tree = tree, offset = 0, failed = false }, Reader)
end

function Reader:remaining()
  return self.failed and 0 or self.buffer:len() - self.offset
end

function Reader:fail(expert_info)
  if not self.failed then
    self.tree:add_proto_expert_info(expert_info)
    self.failed = true
  end
end

-- What cannot be told apart, to the end of the message.
function Reader:rest(expert_info)
  if self:remaining() > 0 then
    self.tree:add(fields["raw"], self.buffer(self.offset, self:remaining()))
    self.offset = self.buffer:len()
  end
  self:fail(expert_info)
end

function Reader:has(length)
  if self.failed then
    return false
  end
  if length > self:remaining() then
    self:rest(fault_truncated)
    return false
  end
  return true
end

local function describe(id, value)
  local known = meanings[id]
  if id:find("next_payload", 1, true) then
    known = payload_names
  end
  return known and known[value]
end

-- A number of up to 4 octets; with bits, that part of it: the octets are only passed with the last part.
function Reader:number(id, length, bits)
  if not self:has(length) then
    return 0
  end
  local range = self.buffer(self.offset, length)
  local value = range:uint()
  if bits then
    value = bit.band(bit.rshift(value, bits.shift), bits.mask)
  end
  local item = self.tree:add(fields[id], range, value)
  local meaning = describe(id, value)
  if meaning then
    item:append_text(" (" .. meaning .. ")")
  end
  if not bits or bits.last then
    self.offset = self.offset + length
  end
  return value
end

function Reader:number64(id, length)
  if self:has(length) then
    local range = self.buffer(self.offset, length)
    self.tree:add(fields[id], range, range:uint64())
    self.offset = self.offset + length
  end
end

function Reader:key_id(id)
  if not self:has(4) then
    return
  end
  local range = self.buffer(self.offset, 4)
  local purpose = purposes[range(0, 1):bitfield(0, 4)] or "no purpose is defined for this tag"
  self.tree:add(fields[id], range, range:uint()):append_text(" (" .. purpose .. ")")
  self.offset = self.offset + 4
end

function Reader:octets(id, length, optional)
  if optional and length == 0 then
    return
  end
  if self:has(length) and length > 0 then
    self.tree:add(fields[id], self.buffer(self.offset, length))
    self.offset = self.offset + length
  end
end

function Reader:text(id, length)
  if self:has(length) and length > 0 then
    self.tree:add(fields[id], self.buffer(self.offset, length), self.buffer(self.offset, length):string(ENC_UTF_8))
    self.offset = self.offset + length
  end
end

function Reader:peek(ahead)
  return self:remaining() > ahead and self.buffer(self.offset + ahead, 1):uint() or 0
end

-- Reads a payload into a subtree of its own.
function Reader:payload(name, read)
  local parent, start = self.tree, self.offset
  self.tree = parent:add(mikey, self.buffer(start), name)
  local next = read(self)
  self.tree:set_len(self.offset - start)
  self.tree = parent
  return next
end

local function generic_session(r)
  r:number("cs.id", 1)
  r:number("cs.protocol", 1)
  r:number("cs.s_flag", 1, { shift = 7, mask = 1 })
  local policies = r:number("cs.policy_count", 1, { shift = 0, mask = 0x7F, last = true })
  r:octets("cs.policies", policies, true)
  r:octets("cs.data", r:number("cs.data_length", 2), true)
  r:octets("cs.spi", r:number("cs.spi_length", 1), true)
end

local function srtp_session(r)
  r:number("cs.policy", 1)
  r:number("cs.ssrc", 4)
  r:number("cs.roc", 4)
end

local function header(r)
  r:number("hdr.version", 1)
  local data_type = r:number("hdr.data_type", 1)
  local next = r:number("hdr.next_payload", 1)
  r:number("hdr.v", 1, { shift = 7, mask = 1 })
  r:number("hdr.prf", 1, { shift = 0, mask = 0x7F, last = true })
  r:key_id("hdr.csb_id")
  local count = r:number("hdr.cs_count", 1)
  local map = r:number("hdr.map_type", 1)
  local session = ({ [0] = srtp_session, [2] = generic_session })[map]
  if session then
    for _ = 1, count do
      if r.failed then break end
      session(r)
    end
  elseif map ~= 1 then
    r:rest(fault_other)
  end
  if not r.failed and data_type ~= 26 then
    r:rest(fault_other)
  end
  return next
end

local function sakke(r)
  local next = r:number("sakke.next_payload", 1)
  r:number("sakke.params", 1)
  r:number("sakke.scheme", 1)
  local length = r:number("sakke.length", 2)
  r:octets("sakke.r", math.min(length, 257))
  r:octets("sakke.h", math.max(0, length - 257), true)
  return next
end

-- The size of the signalling algorithm, 0 or 1, by which the element ends with the extension; nil where neither fits.
local function signalling_size(r, length)
  for size = 0, 1 do
    local element = 32 + size
    if length >= element + 19 and bit.band(r:peek(0), 0x40) ~= 0
      and r:peek(element + 1) * 256 + r:peek(element + 2) == length - element - 3 then
      return size
    end
  end
  return nil
end

local function protected_payload(r, signalling, stop)
  r:number("pp.message_type", 1)
  r:number64("pp.time", 5)
  r:number("pp.payload_id", 4)
  r:number("pp.sequence", 1)
  r:number("pp.algorithm", 1)
  if signalling > 0 then
    r:number("pp.signalling", 1)
  end
  r:octets("pp.iv", 16)
  r:key_id("pp.dppk_id")
  r:number("pp.element", 1)
  local length = r:number("pp.length", 2)
  r:octets("pp.cipher_text", length - 16, true)
  r:octets("pp.tag", stop - r.offset)
end

local function extension(r)
  local next = r:number("ge.next_payload", 1)
  local kind = r:number("ge.type", 1)
  local length = r:number("ge.length", 2)
  local stop = r.offset + length
  if length > r:remaining() then
    r:octets("ge.data", length)
    return next
  end
  if kind == 6 and length > 5 and r:peek(3) * 256 + r:peek(4) == length - 5 then
    sakke(r)
    return next
  end
  local signalling = kind == 7 and signalling_size(r, length)
  if signalling then
    protected_payload(r, signalling, stop)
  else
    r:octets("ge.data", length, true)
  end
  return next
end

local function policy(r)
  local next = r:number("sp.next_payload", 1)
  r:number("sp.policy", 1)
  r:number("sp.protocol", 1)
  local stop = r:number("sp.length", 2) + r.offset
  while not r.failed and r.offset < stop do
    r:number("sp.param_type", 1)
    r:octets("sp.param_value", r:number("sp.param_length", 1))
  end
  if r.offset > stop then
    r:fail(fault_other)
  end
  return next
end

local function timestamp(r)
  local next = r:number("t.next_payload", 1)
  local kind = r:number("t.type", 1)
  if kind > 2 then
    r:rest(fault_other)
    return 0
  end
  r:number64("t.value", kind == 2 and 4 or 8)
  return next
end

local function random(r)
  local next = r:number("rand.next_payload", 1)
  r:octets("rand.value", r:number("rand.length", 1))
  return next
end

local function identity(r)
  local next = r:number("id.next_payload", 1)
  local role = r:number("id.role", 1)
  r:number("id.type", 1)
  local length = r:number("id.length", 2)
  if role == 8 or role == 9 then
    r:octets("id.uid", length)
  else
    r:text("id.value", length)
  end
  return next
end

local function sign(r)
  local kind = r:number("sign.type", 2, { shift = 12, mask = 0xF })
  local length = r:number("sign.length", 2, { shift = 0, mask = 0xFFF, last = true })
  if kind == 2 and r:remaining() >= 129 and (length == 129 or length == 32) then
    r:octets("sign.r", 32)
    r:octets("sign.s", 32)
    r:octets("sign.pvt", 65)
    return 0
  end
  r:octets("sign.value", math.min(length, r:remaining()), true)
  r:fail(fault_other)
  return 0
end

local function other(kind)
  return function(r)
    if kind == 6 or kind == 7 then
      local next = r:number("other.next_payload", 1)
      r:number("other.type", 1)
      r:octets("other.data", r:number("other.length", 2))
      return next
    elseif kind == 12 then
      local next = r:number("err.next_payload", 1)
      r:number("err.number", 1)
      r:number("err.reserved", 2)
      return next
    end
    r:rest(fault_other)
    return 0
  end
end

local readers = {
  [4] = { "SIGN", sign }, [5] = { "T", timestamp }, [10] = { "SP", policy }, [11] = { "RAND", random },
  [14] = { "IDR", identity },
  [21] = { "GE", extension }, [26] = { "SAKKE", sakke },
}

-- The octets of base64 with white space; nil where the text is none, or where the message in it does not begin as one does.
local function from_base64(buffer)
  local text = buffer():string():gsub("%s", "")
  if #text < 16 or text:find("[^%w+/=]") or text:sub(1, 3) ~= "ARo" then
    return nil
  end
  return ByteArray.new(text, true):base64_decode():tvb("MIKEY message")
end

function mikey.dissector(buffer, pinfo, tree)
  if buffer:len() == 0 then
    return 0
  end
  local consumed = buffer:len()
  if buffer(0, 1):uint() ~= 1 then
    buffer = from_base64(buffer) or buffer
  end
  local top = tree:add(mikey, buffer())
  local r = Reader.new(buffer, top)
  local next = r:payload("HDR", header)
  if buffer:len() >= 8 then
    local purpose = purposes[buffer(4, 1):bitfield(0, 4)] or "undefined purpose"
    top:append_text(": " .. purpose)
    pinfo.cols.info:append(" | MIKEY-SAKKE " .. purpose:match("^[%w]+"))
  end
  local count = 0
  while not r.failed and next ~= 0 do
    if count == 256 then
      r:fail(fault_other)
      break
    end
    count = count + 1
    local kind = next
    local known = readers[kind] or { payload_names[kind] or "unknown payload", other(kind) }
    local name = known[1]
    if kind == 14 then
      name = roles[r:peek(1)] or "IDR"
    end
    if r:remaining() == 0 then
      r:fail(fault_truncated)
      break
    end
    next = r:payload(name, known[2])
    if kind == 4 then
      break
    end
  end
  if not r.failed and r:remaining() > 0 then
    r:payload("octets after the end", function(rest) rest:rest(fault_other) end)
  end
  return consumed
end

DissectorTable.get("media_type"):add("application/mikey", mikey)
DissectorTable.get("key_mgmt"):add("mikey", mikey)
