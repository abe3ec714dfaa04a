using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Watchword.Identity;
using Watchword.Lab;
using Watchword.McServices.Info;
using Watchword.Sip;

namespace Watchword.SystemTests.AuthorisationMatrix;

/// <summary>A SIP request, as the SIP core hands it on.</summary>
internal abstract partial record SipRow(string Table, string Name, McResource Resource, McService Service)
    : MatrixRow(Table, Name, Resource, Service)
{
    /// <summary>An address of loopback that is no peer of the services.</summary>
    private const string Stranger = "127.0.0.9";
    private const int LongestAnswer = 8192;

    /// <summary>The names of the service.</summary>
    protected McServiceNames Names => McServiceNames.All[(int)Service];

    /// <summary>The public user identity that the core has authenticated.</summary>
    protected virtual string Impu => $"sip:{LabDomain.Dispatcher}@{LabServices.ImsDomain}";

    /// <summary>One client for each row.</summary>
    protected string ClientId =>
        $"urn:uuid:00000000-0000-0000-0000-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToString())))[..12]}";

    /// <inheritdoc/>
    public sealed override async Task<Seen> SendAsync(MatrixLab lab, Credential kind, CancellationToken cancellation)
    {
        SipRequest request = Request(lab, kind);
        if (kind == Credential.StrangerPeer)
        {
            return new Seen(await SendAsStrangerAsync(lab, request, cancellation));
        }

        SipResponse response = await lab.Core.SendAsync(request, lab.ServicesSip, cancellation);
        return new Seen(response.Headers[SipHeaderNames.Warning] is { } warning
            ? $"{response.StatusCode} warning {WarningCode().Match(warning).Groups[1].Value}"
            : $"{response.StatusCode}");
    }

    /// <summary>The request.</summary>
    protected abstract SipRequest Request(MatrixLab lab, Credential kind);

    /// <summary>The user's identity in the service.</summary>
    protected string IdOf(MatrixLab lab) => lab.Description.Users[LabDomain.Dispatcher] is var user && Service == McService.Mcptt
        ? user.McpttId!
        : Service == McService.McVideo ? user.McvideoId! : user.McdataId!;

    /// <summary>Another user's.</summary>
    protected static string OtherId(MatrixLab lab) => lab.Description.Users[LabDomain.Medic].McpttId!;

    /// <summary>A body part of an info body.</summary>
    protected static SipBodyPart Part(McInfo info) => SipBodyPart.Create(info.Service.InfoMediaType, info.Write(), "info@ue");

    /// <summary>A request with what a SIP core adds.</summary>
    protected static SipRequest ByCore(string method, string target, string package, string impu)
    {
        SipRequest request = SipRequest.Create(method, SipUri.Parse(target), SipUri.Parse(impu), SipUri.Parse(target));
        request.Headers.Add(SipHeaderNames.Event, package);
        request.Headers.Add(SipHeaderNames.PAssertedIdentity, $"<{impu}>");
        request.Headers.Add(SipHeaderNames.Expires, "3600");
        return request;
    }

    /// <summary>The same octets from an address that is no peer: its answer is read to the end of the header.</summary>
    private static async Task<string> SendAsStrangerAsync(MatrixLab lab, SipRequest request, CancellationToken cancellation)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(Stranger), 0));
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, lab.Ports.McxSip), cancellation);
        request.Headers.AddFirst(SipHeaderNames.Via, $"SIP/2.0/TCP {Stranger}:5060;branch=z9hG4bK{Guid.NewGuid():N}");
        _ = await socket.SendAsync(request.ToArray(), cancellation);
        byte[] buffer = new byte[LongestAnswer];
        int length = 0;
        while (buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(length), cancellation);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        string head = Encoding.ASCII.GetString(buffer, 0, length);
        head.ShouldStartWith("SIP/2.0 ");
        return head[8..11];
    }

    /// <summary>TS 24.379 4.4: 399, the host, and the code in the text.</summary>
    [GeneratedRegex("^399 [^ ]+ \"([0-9]{3}) ")]
    private static partial Regex WarningCode();
}
