using System.Security.Claims;
using PrivacyPass.AspNetCore.Authentication;
using PrivacyPass.SpentTokens;

var builder = WebApplication.CreateBuilder(args);

// Who makes tokens for this site, and what the site is called.
builder.Services.AddAuthentication().AddPrivateToken(options =>
{
    options.Issuers.Add(new PrivateTokenIssuer(builder.Configuration["Issuer"] ?? "https://issuer.example"));
    options.OriginInfo = builder.Configuration["Origin"] ?? "www.example";
});

// Where spent tokens are remembered: a file of this machine; Memcached for several.
builder.Services.AddSpentTokens(options =>
{
    options.Store = SpentTokenStoreKind.Sqlite;
    options.Sqlite.File = builder.Configuration["SpentTokens"] ?? "spent-tokens.db";
});

builder.Services.AddAuthorization();

var app = builder.Build();
app.UseAuthentication();
app.UseAuthorization();
app.MapGet("/", () => "Open to all: a token sent here is not spent.\n");
app.MapGet("/paid", (ClaimsPrincipal user) => $"Paid with a token of {user.FindFirstValue(PrivateTokenDefaults.IssuerClaim)}.\n").RequireAuthorization();
app.Run();
