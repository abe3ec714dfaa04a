using System.Text;

namespace Watchword.SystemTests.AuthorisationMatrix;

/// <summary>Writes <c>docs/authorisation-matrix.md</c> from the table that the tests hold.</summary>
internal static class MatrixPage
{
    private const string Head = """
        # The authorisation matrix

        Every service and every kind of wrong token: what is answered. The tests in
        `tests/Watchword.System.Tests/AuthorisationMatrix` send the request of each cell to running servers over the network and
        demand this answer. They write this page, too: run them with `WATCHWORD_UPDATE_DOCS=1`.

        Each token has one thing wrong. Where its kind does not say otherwise, it is signed by the key of the running IdM server;
        ID token, refresh token, security token and the token for another server are as that server gave them. What is in bold is
        let in, so that the tests are known to be able to see that; a redirect gets as far as its body, which reports nothing.

        After each refusal every table of the databases of KMS and services is as it was, and the audit log of the KMS has one
        record more where its answer is 403 and requester or peer is known, else none. That a registration was heard of is kept
        whatever its tokens are (TS 33.180 5.1.1): of REGISTER all tables but `mcx_registrations` are compared.

        A cell has the status and the number of the error:

        * KMS: [errors/kms.md](errors/kms.md), with the number of [errors/authorization.md](errors/authorization.md) in parentheses;
        * configuration and group management: [errors/services.md](errors/services.md), or for a token that is not valid that of
          [errors/authorization.md](errors/authorization.md);
        * HTTP proxy: that of the server behind it, or with the word proxy that of [errors/proxy.md](errors/proxy.md);
        * SIP: the status, and the code of the `Warning` where there is one ([errors/mcx.md](errors/mcx.md)). A REGISTER with a
          wrong token is answered with 200, since its result is the SIP core's, and binds nobody;
        * "no TLS": the handshake fails; "-": there is no such request, or nothing is wrong with it.

        Every refusal over HTTP has its correlation id in header and body; 401 and refusals for scope have `WWW-Authenticate`
        (RFC 6750 §3), the latter with a scope that would do.

        """;

    /// <summary>The page.</summary>
    public static string Write(IReadOnlyList<MatrixRow> rows)
    {
        StringBuilder page = new(Head);
        foreach (IGrouping<string, MatrixRow> table in rows.GroupBy(row => row.Table))
        {
            page.Append("\n## ").Append(table.Key).Append("\n\n");
            WriteTable(page, [.. table]);
        }

        return page.ToString();
    }

    private static void WriteTable(StringBuilder page, MatrixRow[] requests)
    {
        page.Append("| token | ").AppendJoin(" | ", requests.Select(request => request.Name)).Append(" |\n|---|");
        page.Insert(page.Length, "---|", requests.Length).Append('\n');
        foreach (Credential kind in Enum.GetValues<Credential>())
        {
            string?[] cells = [.. requests.Select(request => request.Expected(kind))];
            if (cells.Any(cell => cell is not null))
            {
                page.Append("| ").Append(CredentialText.Of(kind)).Append(" | ")
                    .AppendJoin(" | ", cells.Select(cell => cell ?? "-")).Append(" |\n");
            }
        }
    }
}
