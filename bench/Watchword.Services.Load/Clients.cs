using System.Diagnostics;
using System.Globalization;
using Watchword.McServices.Info;
using Watchword.McServices.Settings;
using Watchword.Sip;

namespace Watchword.Services.Load;

/// <summary>Many clients behind one SIP core: each authorises once, and tries again until it is or a minute has gone.</summary>
internal sealed class Clients(TokenSigner signer, SipDestination server) : IAsyncDisposable
{
    private static readonly McServiceNames Names = McServiceNames.Mcptt;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly SipStack _stack = new(new SipStackOptions());
    private int _repeated;

    /// <summary>How many requests were sent again.</summary>
    public int Repeated => _repeated;

    /// <summary>Authorises one user.</summary>
    /// <returns>How long it took with all attempts; null if it did not come to pass.</returns>
    public Task<TimeSpan?> AuthorizeAsync(int user) => RepeatAsync(() => Publish(user, new McInfo(Names)
    {
        AccessToken = McInfoValue.FromText(signer.Sign(user, TimeProvider.System.GetUtcNow())),
        ClientId = McInfoValue.FromText(ClientOf(user)),
    }));

    /// <summary>Publishes settings alone, which only an authorised client can.</summary>
    public Task<TimeSpan?> UseAsync(int user) => RepeatAsync(() => Publish(user, new McInfo(Names)
    {
        RequestUri = McInfoValue.FromUri(TokenSigner.IdOf(user)),
        ClientId = McInfoValue.FromText(ClientOf(user)),
    }));

    public ValueTask DisposeAsync() => _stack.DisposeAsync();

    private async Task<TimeSpan?> RepeatAsync(Func<SipRequest> create)
    {
        long start = Stopwatch.GetTimestamp();
        for (int attempt = 1; Stopwatch.GetElapsedTime(start) < Patience; attempt++)
        {
            try
            {
                SipResponse response = await _stack.SendAsync(create(), server);
                if (response.IsSuccess)
                {
                    return Stopwatch.GetElapsedTime(start);
                }

                if (response.StatusCode < 500)
                {
                    return null;
                }
            }
            catch (SipSendException)
            {
                // The server is away: its clients come again.
            }

            Interlocked.Increment(ref _repeated);
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(200 * attempt, 2000)));
        }

        return null;
    }

    private static string ClientOf(int user) => string.Create(CultureInfo.InvariantCulture, $"urn:uuid:{user:D32}");

    private static SipRequest Publish(int user, McInfo info)
    {
        SipUri psi = SipUri.Parse(LoadedServer.Psi);
        SipUri impu = SipUri.Parse(string.Create(CultureInfo.InvariantCulture, $"sip:line{user}@ims.load.example"));
        SipRequest request = SipRequest.Create(SipMethods.Publish, psi, impu, psi);
        request.Headers.Add(SipHeaderNames.Event, PocSettings.EventPackage);
        request.Headers.Add(SipHeaderNames.Expires, "3600");
        request.Headers.Add(SipHeaderNames.PAssertedIdentity, $"<{impu}>");
        PocSettings settings = new()
        {
            Entities = [new PocSettingsEntity { Id = ClientOf(user), AnswerMode = AnswerMode.Automatic,
                SelectedUserProfileIndex = 1 }],
        };
        SipBody.Write(
            request, SipBodyPart.Create(Names.InfoMediaType, info.Write()),
                SipBodyPart.Create(PocSettings.MediaType, settings.Write()));
        return request;
    }
}
