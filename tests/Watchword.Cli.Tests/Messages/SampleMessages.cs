using Watchword.Mikey;

namespace Watchword.Cli.Tests.Messages;

/// <summary>Messages of every purpose, form and option, and some that break off.</summary>
internal static class SampleMessages
{
    public static IReadOnlyList<(string Name, byte[] Octets)> All()
    {
        KeyedDomain home = KeyedDomain.Home;
        MikeyRecipient bob = home.Recipient("sip:bob@example.org");
        List<(string, byte[])> messages = [];
        foreach (KeyDistribution distribution in KeyDistribution.All)
        {
            messages.Add((distribution.Name, home.Message(distribution, "sip:alice@example.org", bob)));
            messages.Add(
                (
                    distribution.Name + " with everything",
                    home.Message(distribution, "sip:alice@example.org", bob, Everything(distribution))));
        }

        KeyMessageOptions hidden = new() { HideIdentities = true, IncludeSecurityPolicy = false };
        messages.Add(("hidden", home.Message(KeyDistribution.Pck, "sip:alice@example.org", bob, hidden)));
        messages.Add(
            (
                "two domains",
                home.Message(
                    KeyDistribution.Pck, "sip:alice@example.org", KeyedDomain.Partner.Recipient("sip:dave@example.net"))));
        messages.Add(
            ("not ASCII", home.Message(KeyDistribution.Pck, "sip:zoë@example.org", home.Recipient("sip:łukasz@example.org"))));
        messages.Add(("SRTP-ID map", SrtpMap()));
        messages.AddRange(Broken(messages[0].Item2));
        return messages;
    }

    public static KeyMessageOptions Everything(KeyDistribution distribution) => new()
    {
        Sessions = distribution.Sessions,
        SakkeToSelf = true,
        Parameters = new KeyParameters(distribution.Purpose)
        {
            Status = KeyStatus.NotRevoked,
            Activation = KeyedDomain.T,
            Expiry = KeyedDomain.T.AddDays(30),
            Text = "night watch",
            GroupIds = distribution.HasGroups ? ["sip:fire@example.org"] : [],
        },
    };

    private static byte[] SrtpMap()
    {
        KeyedDomain home = KeyedDomain.Home;
        MikeyMessage plain = MikeyMessage.Parse(
            home.Message(KeyDistribution.Pck, "sip:alice@example.org", home.Recipient("sip:bob@example.org")));
        MikeySrtpIdMap map = new([new MikeySrtpSession(0, 0x11223344, 7), new MikeySrtpSession(0, 0x55667788, 0)]);
        List<MikeyPayload> payloads = [.. plain.Payloads];
        payloads.Insert(payloads.Count - 1, new MikeyGeneralExtension(1, new byte[] { 1, 2, 3 }));
        payloads.Insert(payloads.Count - 1, new MikeyGeneralExtension(9, ReadOnlyMemory<byte>.Empty));
        byte[] octets = MikeyMessage.Encode(new MikeyHeader(plain.Header.CsbId, map), payloads);
        return home.SignedAnew(octets, "sip:alice@example.org", signed => signed);
    }

    private static IEnumerable<(string, byte[])> Broken(byte[] whole)
    {
        yield return ("cut inside SAKKE", whole[..300]);
        yield return ("cut inside the header", whole[..7]);
        yield return ("octets after the end", [.. whole, 0xAA, 0xBB]);
        byte[] unknown = [.. whole];
        unknown[10] = 17;
        yield return ("T announces a TICKET", unknown);
        byte[] certificate = [.. whole];
        certificate[2] = 7;
        yield return ("T read as CERT", certificate);
        byte[] error = [.. whole];
        error[2] = 12;
        yield return ("T read as ERR", error);
        byte[] other = [.. whole];
        other[1] = 0;
        yield return ("data type 0", other);
        byte[] signature = [.. whole];
        signature[^131] = 0x10;
        yield return ("signature of RSA", signature);
    }
}
