using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Watchword.Idm.Server.Storage.Migrations
{
    /// <inheritdoc />
    public partial class InterDomain : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "BlockedPrimaries",
                columns: table => new
                {
                    Issuer = table.Column<string>(type: "TEXT", nullable: false),
                    BlockedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_BlockedPrimaries", x => x.Issuer);
                });

            migrationBuilder.CreateTable(
                name: "ForeignSubjects",
                columns: table => new
                {
                    Subject = table.Column<string>(type: "TEXT", nullable: false),
                    Issuer = table.Column<string>(type: "TEXT", nullable: false),
                    IssuerSubject = table.Column<string>(type: "TEXT", nullable: false),
                    McpttId = table.Column<string>(type: "TEXT", nullable: true),
                    McVideoId = table.Column<string>(type: "TEXT", nullable: true),
                    McDataId = table.Column<string>(type: "TEXT", nullable: true),
                    FirstGrantAt = table.Column<long>(type: "INTEGER", nullable: false),
                    LastGrantAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ForeignSubjects", x => x.Subject);
                });

            migrationBuilder.CreateTable(
                name: "RedeemedSecurityTokens",
                columns: table => new
                {
                    Issuer = table.Column<string>(type: "TEXT", nullable: false),
                    Name = table.Column<string>(type: "TEXT", nullable: false),
                    ExpiresAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RedeemedSecurityTokens", x => new { x.Issuer, x.Name });
                });

            migrationBuilder.CreateIndex(
                name: "IX_ForeignSubjects_Issuer_IssuerSubject",
                table: "ForeignSubjects",
                columns: new[] { "Issuer", "IssuerSubject" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_RedeemedSecurityTokens_ExpiresAt",
                table: "RedeemedSecurityTokens",
                column: "ExpiresAt");

            // Native clients that were registered before may have the grants between domains, as those registered from now on.
            foreach (string grant in new[] { "token-exchange", "jwt-bearer" })
            {
                migrationBuilder.Sql(
                    "UPDATE OpenIddictApplications SET Permissions = json_insert(Permissions, '$[#]', "
                    + $"'gt:urn:ietf:params:oauth:grant-type:{grant}') WHERE ClientType = 'public' AND Permissions IS NOT NULL;");
            }
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "BlockedPrimaries");

            migrationBuilder.DropTable(
                name: "ForeignSubjects");

            migrationBuilder.DropTable(
                name: "RedeemedSecurityTokens");
        }
    }
}
