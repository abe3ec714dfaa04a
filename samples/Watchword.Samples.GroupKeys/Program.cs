// Keys two users and a group, with the servers and accounts of a lab:  dotnet run -- ../../.watchword-lab/lab.json
using System.Text.Json.Nodes;
using Watchword.Client;
using Watchword.Identity;
using Watchword.Mikey;

JsonNode lab = JsonNode.Parse(await File.ReadAllTextAsync(args[0]))!;
string scratch = Directory.CreateTempSubdirectory("watchword-sample-").FullName;
using TlsTrust trust = TlsTrust.FromCaFile(Text("ca"));
using HttpMessageHandler http = trust.CreateHandler();
try
{
    // 1. Identity keys: log in at the IdM server, fetch the KMS certificate and the key sets of every MC service ID.
    using KeyStore dispatcher = await KeyAsync("dispatcher");
    using KeyStore medic = await KeyAsync("medic");
    using KeyStore server = await KeyAsync("group-management-server", isEntity: true);

    // 2. A private call: a PCK from one to the other (TS 33.180 5.6).
    using PrivateCallKeys made = new PrivateCall(dispatcher, TimeProvider.System).Create(Uri(medic));
    using PrivateCallKeys opened = new PrivateCall(medic, TimeProvider.System).Open(made.Message.Span);
    Console.WriteLine($"private call {opened.PckId:X8} from {opened.InitiatorUri}");

    // 3. A group: the server makes a GMK, each member opens his own message (TS 33.180 5.7).
    const string group = "sip:rescue@lab.example";
    ServiceKeyExchangeOptions trusted = new() { GroupManagementServers = [server.Identity!.EntityUri!] };
    MadeServiceKey gmk = new ServiceKeyExchange(server, TimeProvider.System, trusted).CreateGroupKey(group, [Uri(dispatcher), Uri(medic)]);
    foreach ((KeyStore member, ServiceKeyMessage message) in new[] { dispatcher, medic }.Zip(gmk.Messages))
    {
        _ = new ServiceKeyExchange(member, TimeProvider.System, trusted).Open(message.Octets.Span);
        ServiceKeyInfo key = member.FindSendingKey(ServiceKeyScope.ForGroup(Uri(member), group))!;
        using MikeyKey octets = member.OpenServiceKey(key);
        using SrtpContext media = octets.DeriveSrtpContext(McCryptoSession.McpttGroup, key.UserKeyId);
        Console.WriteLine($"{Uri(member)} sends to {group} under GMK {key.KeyId:X8}, GUK {key.UserKeyId:X8}");
    }
}
finally
{
    Directory.Delete(scratch, recursive: true);
}

string Uri(KeyStore store) => store.Identity!.For(McService.Mcptt)!;
string Text(params string[] path) => path.Aggregate(lab, (node, name) => node[name]!).GetValue<string>();

async Task<KeyStore> KeyAsync(string name, bool isEntity = false)
{
    using KeyStoreUnlock unlock = KeyStoreUnlock.FromPassphrase(Guid.NewGuid().ToString()); // Ask a person, or the platform.
    KeyStore store = await KeyStore.CreateAsync(Path.Combine(scratch, name), unlock, TimeProvider.System);
    IdmClientOptions client = new() { Issuer = Text("idm"), ClientId = isEntity ? name : Text("client_id") };
    using IdmClient idm = new(client, http, TimeProvider.System);
    using EntityCredential? entity = isEntity ? EntityCredential.FromFile(name, Text("entities", name, "credential")) : null;
    using LogInCredential? user = isEntity ? null : new LogInCredential(name, Text("users", name, "password"));
    TokenCache tokens = entity is null ? new TokenCache(idm, store) : new TokenCache(idm, store, entity);
    _ = user is not null ? await tokens.LogInAsync(new FormWalkingBrowser(http, user))
        : await tokens.LogInEntityAsync(Text("entities", name, "uri"));
    using KmClient kms = new(new KmClientOptions { KmsUrl = Text("kms") }, trust, tokens, TimeProvider.System);
    _ = await kms.InitializeAsync();
    _ = await kms.ProvisionAsync(); // One key set for each identity in the token.
    return store;
}
