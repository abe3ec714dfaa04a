using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Watchword.Kms.EntityFrameworkCore.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class TransportKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "TransportKeyClient",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    KmsUri = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    UserUri = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ClientId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    State = table.Column<int>(type: "integer", nullable: false),
                    StateChangedAt = table.Column<long>(type: "bigint", nullable: false),
                    LastSeenAt = table.Column<long>(type: "bigint", nullable: true),
                    IsExportable = table.Column<bool>(type: "boolean", nullable: false),
                    WrapProfile = table.Column<int>(type: "integer", nullable: true),
                    LastNumber = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TransportKeyClient", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "TransportKeyPair",
                columns: table => new
                {
                    Owner = table.Column<long>(type: "bigint", nullable: false),
                    Number = table.Column<int>(type: "integer", nullable: false),
                    TransportKeyId = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    IntegrityKeyId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    State = table.Column<int>(type: "integer", nullable: false),
                    Sealed = table.Column<byte[]>(type: "bytea", nullable: false),
                    Fingerprint = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    ReplacedAt = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TransportKeyPair", x => new { x.Owner, x.Number });
                    table.ForeignKey(
                        name: "FK_TransportKeyPair_TransportKeyClient_Owner",
                        column: x => x.Owner,
                        principalTable: "TransportKeyClient",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_TransportKeyClient_KmsUri_UserUri_ClientId",
                table: "TransportKeyClient",
                columns: new[] { "KmsUri", "UserUri", "ClientId" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "TransportKeyPair");

            migrationBuilder.DropTable(
                name: "TransportKeyClient");
        }
    }
}
