create schema quality;
